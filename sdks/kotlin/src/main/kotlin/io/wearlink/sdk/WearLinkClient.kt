package io.wearlink.sdk

import java.io.ByteArrayOutputStream
import java.io.File
import java.net.URI
import java.time.Duration
import java.time.Instant
import java.time.LocalDate
import java.util.UUID
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ExecutionException

/**
 * The WearLink API: providers, connections, activity by day, photos of meals.
 *
 * Each call comes blocking and, with `Async` behind its name, as a CompletableFuture. Both end with a
 * [WearLinkException] where there is no result; the future carries it as its cause. One client serves all threads;
 * keep it.
 *
 * ```kotlin
 * val wearlink = WearLinkClient("https://wearlink.io", Credential.ApiKey(System.getenv("WEARLINK_API_KEY")))
 * for (day in wearlink.summariesFor(userId, LocalDate.parse("2026-04-01"), LocalDate.parse("2026-04-07"))) {
 *     println("${day.date}: ${day.steps} steps")
 * }
 * ```
 *
 * @param baseUrl the server's address without `/api/v1`; plain http is taken only for this machine
 * @param transport how requests are sent; Android needs [UrlConnectionTransport]
 */
public class WearLinkClient @JvmOverloads constructor(
    baseUrl: String,
    private val credential: Credential,
    private val timeouts: Timeouts = Timeouts(),
    private val retry: RetryPolicy = RetryPolicy(),
    private val transport: Transport = JdkTransport(timeouts.connect),
) {
    private val root: String = checked(baseUrl) + "/api/v1"

    /** The catalogue of providers, with [Provider.isConfigured]. */
    public fun listProviders(): List<Provider> = await(listProvidersAsync())

    /** [listProviders] as a future. */
    public fun listProvidersAsync(): CompletableFuture<List<Provider>> =
        get("/providers") { answer -> Fields.of(answer).each("data").map(::readProvider) }

    /** The end user's connections by provider, ended ones too. [userId] is a UUID. */
    public fun connectionsFor(userId: String): List<Connection> = await(connectionsForAsync(userId))

    /** [connectionsFor] as a future. */
    public fun connectionsForAsync(userId: String): CompletableFuture<List<Connection>> =
        get("/users/${uuid(userId)}/connections") { answer ->
            val items = answer as? List<*> ?: throw JsonException("the answer is no array")
            items.mapIndexed { number, item -> readConnection(Fields.of(item, "[$number]")) }
        }

    /** Activity of the local days [dateFrom] to [dateTo], both included, at most 400; days without data are left out. */
    public fun summariesFor(userId: String, dateFrom: LocalDate, dateTo: LocalDate): List<ActivityDay> =
        await(summariesForAsync(userId, dateFrom, dateTo))

    /** [summariesFor] as a future. */
    public fun summariesForAsync(
        userId: String,
        dateFrom: LocalDate,
        dateTo: LocalDate,
    ): CompletableFuture<List<ActivityDay>> =
        get("/users/${uuid(userId)}/summaries/activity?start_date=$dateFrom&end_date=$dateTo") { answer ->
            Fields.of(answer).each("data").map(::readDay)
        }

    /**
     * Submits the photo of a meal: JPEG, PNG, HEIC or WebP, up to 5 MB.
     *
     * @param mealType null: by the user's time of day
     * @param detectedAt when it was eaten; null: now
     * @param note up to 500 characters
     */
    @JvmOverloads
    public fun uploadMealImage(
        userId: String,
        file: File,
        mealType: MealType? = null,
        detectedAt: Instant? = null,
        note: String? = null,
    ): MealImage = await(uploadMealImageAsync(userId, file, mealType, detectedAt, note))

    /** [uploadMealImage] as a future. The file is read before this returns; FileNotFoundException if it is not there. */
    @JvmOverloads
    public fun uploadMealImageAsync(
        userId: String,
        file: File,
        mealType: MealType? = null,
        detectedAt: Instant? = null,
        note: String? = null,
    ): CompletableFuture<MealImage> {
        val form = Form()
        mealType?.let { form.field("meal_type", it.name.lowercase()) }
        detectedAt?.let { form.field("detected_at", it.toString()) }
        note?.let { form.field("note", it) }
        form.file("file", file.readBytes())
        val path = "/nutrition/log/image?user_id=${uuid(userId)}"
        return call("POST", path, form.end(), form.contentType) { answer -> readMealImage(Fields.of(answer)) }
    }

    private fun <T> get(path: String, read: (Any?) -> T): CompletableFuture<T> = call("GET", path, null, null, read)

    private fun <T> call(
        method: String,
        path: String,
        body: ByteArray?,
        contentType: String?,
        read: (Any?) -> T,
    ): CompletableFuture<T> {
        fun request(timeout: Duration): Request {
            val headers = linkedMapOf(credential.header(), "Accept" to "application/json", "User-Agent" to USER_AGENT)
            contentType?.let { headers["Content-Type"] = it }
            return Request(method, URI.create(root + path), headers, body, timeout)
        }
        return Call(transport, timeouts, retry, isRead = body == null, ::request, read).start()
    }

    override fun toString(): String = "WearLinkClient($root)"

    public companion object {
        /** This SDK's version. */
        public const val VERSION: String = "0.1.0"

        private const val USER_AGENT = "wearlink-kotlin/$VERSION"
        private val LOOPBACK = setOf("localhost", "127.0.0.1", "[::1]")

        /** A key must not cross a network in the clear. */
        private fun checked(baseUrl: String): String {
            val uri = URI.create(baseUrl.trim())
            val isPlain = uri.host != null && uri.query == null && uri.fragment == null && uri.userInfo == null
            require(isPlain) { "baseUrl must be like https://wearlink.io" }
            val isSafe = uri.scheme == "https" || uri.scheme == "http" && uri.host in LOOPBACK
            require(isSafe) { "baseUrl must be https, or http to this machine." }
            return uri.toString().trimEnd('/')
        }

        private fun uuid(text: String): UUID = try {
            UUID.fromString(text)
        } catch (_: IllegalArgumentException) {
            throw IllegalArgumentException("userId must be a UUID.")
        }

        private fun <T> await(future: CompletableFuture<T>): T = try {
            future.get()
        } catch (error: ExecutionException) {
            throw unwrap(error.cause ?: error)
        } catch (error: InterruptedException) {
            future.cancel(true)
            throw error
        }
    }
}

/** A multipart form (RFC 7578) of a few fields and one file. */
private class Form {
    private val boundary = "wearlink-" + UUID.randomUUID()
    private val written = ByteArrayOutputStream()

    val contentType: String get() = "multipart/form-data; boundary=$boundary"

    fun field(name: String, value: String) = part("name=\"$name\"", "text/plain; charset=utf-8", value.toByteArray())

    /** The file's own name stays on this machine. */
    fun file(name: String, bytes: ByteArray) =
        part("name=\"$name\"; filename=\"$name\"", "application/octet-stream", bytes)

    fun end(): ByteArray {
        written.write("--$boundary--\r\n".toByteArray())
        return written.toByteArray()
    }

    private fun part(name: String, type: String, bytes: ByteArray) {
        val head = "--$boundary\r\nContent-Disposition: form-data; $name\r\nContent-Type: $type\r\n\r\n"
        written.write(head.toByteArray())
        written.write(bytes)
        written.write("\r\n".toByteArray())
    }
}
