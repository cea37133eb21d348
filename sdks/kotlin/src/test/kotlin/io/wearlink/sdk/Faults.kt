package io.wearlink.sdk

import java.io.File
import java.time.Duration
import java.time.Instant
import java.time.LocalDate
import java.time.ZoneOffset
import java.time.format.DateTimeFormatter
import java.util.concurrent.CancellationException
import java.util.concurrent.ExecutionException
import java.util.concurrent.Executors
import kotlin.concurrent.thread

private const val USER = "550e8400-e29b-41d4-a716-446655440000"
private const val EMPTY = """{"data": [], "pagination": {"total_count": 0, "has_more": false}}"""
private const val BUSY = """{"detail": "Too many requests.", "code": "rate_limited"}"""
private const val PHOTO = """{"job_id": "$USER", "log_id": "$USER", "status": "pending"}"""
private val quick = RetryPolicy(retries = 2, firstPause = Duration.ofMillis(20))

/** A server that misbehaves, for both transports. No argument. */
fun main() {
    val checks = Checks()
    val executor = Executors.newCachedThreadPool { work -> Thread(work).apply { isDaemon = true } }
    val transports = mapOf(
        "java.net.http" to JdkTransport(Duration.ofSeconds(2)),
        "HttpURLConnection" to UrlConnectionTransport(executor, Duration.ofSeconds(2)),
    )
    for ((name, transport) in transports) FaultsOf(name, transport, checks).run()
    checkWithoutServer(checks)
    checks.end()
}

private class FaultsOf(private val name: String, private val transport: Transport, private val checks: Checks) {
    fun run() {
        retries()
        answers()
        times()
        bodies()
    }

    private fun check(what: String, vararg moves: Move, body: (BadServer) -> Unit) =
        checks.check("$name: $what") { BadServer(*moves).use(body) }

    private fun client(
        server: BadServer,
        retry: RetryPolicy = quick,
        timeouts: Timeouts = Timeouts(attempt = Duration.ofSeconds(5)),
        credential: Credential = Credential.ApiKey("sk-secret"),
    ) = WearLinkClient(server.url, credential, timeouts, retry, transport)

    private fun retries() {
        check("a 429 is waited for as long as it says", answer(429, BUSY, "Retry-After" to "1"), answer(200, EMPTY)) {
            val started = System.nanoTime()
            same(emptyList(), client(it).listProviders())
            holds("came back early", System.nanoTime() - started >= 1_000_000_000)
            same(2, it.seen.size)
        }
        val soon = DateTimeFormatter.RFC_1123_DATE_TIME.format(Instant.now().plusSeconds(2).atOffset(ZoneOffset.UTC))
        check("a date to come back at is read", answer(503, BUSY, "Retry-After" to soon), answer(200, EMPTY)) {
            same(emptyList(), client(it).listProviders())
        }
        check("a 503 that stays is raised after the retries", answer(503, BUSY, "X-Request-ID" to "abc")) {
            val error = raises<UnavailableException> { client(it).connectionsFor(USER) }
            same(listOf<Any?>(503, "rate_limited", "abc"), listOf(error.status, error.code, error.requestId))
            same(3, it.seen.size)
        }
        check("a pause that is too long is not begun", answer(429, BUSY, "Retry-After" to "3600")) {
            val error = raises<RateLimitedException> { client(it).listProviders() }
            same(Duration.ofHours(1), error.retryAfter)
            same(1, it.seen.size)
        }
        check("no retries where none are wanted", answer(429, BUSY)) {
            raises<RateLimitedException> { client(it, RetryPolicy.NONE).listProviders() }
            same(1, it.seen.size)
        }
        check("each attempt asks for a token", answer(503, BUSY), answer(202, PHOTO)) {
            var asked = 0
            val token = Credential.SdkToken { "token-${++asked}" }
            client(it, credential = token).uploadMealImage(USER, photo(), MealType.LUNCH)
            same(listOf("Bearer token-1", "Bearer token-2"), it.seen.map { one -> one.headers["authorization"]!! })
        }
        check("a cancelled future makes no further attempt", answer(503, BUSY, "Retry-After" to "1")) {
            val future = client(it).listProvidersAsync()
            while (it.seen.isEmpty()) Thread.sleep(10)
            holds("not cancelled", future.cancel(true))
            raises<CancellationException> { future.get() }
            Thread.sleep(1300)
            same(1, it.seen.size)
        }
    }

    private fun answers() {
        val refused = """{"detail": "No.", "code": "invalid", "errors": [{"field": "end_date", "message": "Too late."}]}"""
        check("faults name their fields", answer(400, refused, "X-Request-ID" to "r-1")) {
            val error = raises<BadRequestException> { summaries(client(it)) }
            same(listOf(FieldFault("end_date", "Too late.")), error.faults)
            same("r-1", error.requestId)
        }
        check("a future carries the typed error", answer(404, """{"detail": "User not found", "code": "user_not_found"}""")) {
            val error = raises<ExecutionException> { client(it).connectionsForAsync(USER).get() }
            same("user_not_found", (error.cause as NotFoundException).code)
        }
        for ((status, type) in listOf(401 to UnauthorizedException::class, 409 to ConflictException::class)) {
            check("$status has a type of its own", answer(status, """{"detail": "No.", "code": "no"}""")) {
                same<Any>(type, raises<ApiException> { client(it).listProviders() }::class)
            }
        }
        check("a proxy's page is no crash", answer(502, "<html>Bad gateway</html>", "X-Request-ID" to "p-1")) {
            val error = raises<ApiException> { client(it).listProviders() }
            same(listOf<Any?>(502, "unknown", "p-1"), listOf(error.status, error.code, error.requestId))
        }
        check("a redirect takes the key nowhere", answer(302, "", "Location" to "http://127.0.0.1:1/steal")) {
            same(302, raises<ApiException> { client(it).listProviders() }.status)
        }
        for (garbage in listOf("", "<html>", "{\"data\": [", "[]", "{\"data\": {}}", "{\"data\": [{\"slug\": 1}]}", "\u0000")) {
            check("garbage is named: $garbage", answer(200, garbage, "X-Request-ID" to "g-1")) {
                same("g-1", raises<UnreadableAnswerException> { client(it).listProviders() }.requestId)
            }
        }
        check("bytes that are no text", answer(200, byteArrayOf(-1, -2, 34))) {
            raises<UnreadableAnswerException> { client(it).listProviders() }
        }
        val later = """[{"id": "$USER", "provider": "new", "status": "resting", "reason": null, "new_field": [1.5e3],
            "connected_at": "2026-04-01T10:00:00.123+02:00", "last_sync_at": null, "scopes": ["\u00e9\n"]}]"""
        check("what a later server adds does not matter", answer(200, later)) {
            val connection = client(it).connectionsFor(USER).single()
            same(ConnectionStatus.UNKNOWN, connection.status)
            same(Instant.parse("2026-04-01T08:00:00.123Z"), connection.connectedAt)
            same(listOf("é\n"), connection.scopes)
        }
    }

    private fun times() {
        val short = Timeouts(attempt = Duration.ofMillis(400), total = Duration.ofSeconds(2))
        check("a server that says nothing is not waited for", Move(listOf(ByteArray(0)), pauseMillis = 5000)) {
            val started = System.nanoTime()
            raises<CallTimeoutException> { client(it, timeouts = short).listProviders() }
            holds("waited too long", System.nanoTime() - started < 1_900_000_000)
        }
        val head = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n".toByteArray()
        check("nor one that sends a byte now and then", Move(listOf(head) + List(30) { byteArrayOf(32) }, 100)) {
            val started = System.nanoTime()
            raises<CallTimeoutException> { client(it, timeouts = short).listProviders() }
            holds("waited too long", System.nanoTime() - started < 1_900_000_000)
        }
        check("retries end with the time of the whole call", answer(503, BUSY, "Retry-After" to "1")) {
            val many = RetryPolicy(retries = 50)
            raises<UnavailableException> { client(it, many, short).listProviders() }
            holds("${it.seen.size} attempts", it.seen.size in 1..2)
        }
        check("an interrupted thread comes back", Move(listOf(ByteArray(0)), pauseMillis = 3000)) {
            var caught: Throwable? = null
            val waiting = thread { caught = raises<InterruptedException> { client(it).listProviders() } }
            while (it.seen.isEmpty()) Thread.sleep(10)
            waiting.interrupt()
            waiting.join(1000)
            holds("still waiting", caught is InterruptedException)
        }
    }

    private fun bodies() {
        check("a cut answer is read again", answer(200, "{", "Content-Length" to "99"), answer(200, EMPTY)) {
            same(emptyList(), client(it).listProviders())
        }
        check("a cut answer to an upload is not sent again", answer(202, "{", "Content-Length" to "99")) {
            raises<ConnectionException> { client(it).uploadMealImage(USER, photo()) }
            same(1, it.seen.size)
        }
        check("an endless answer is left", answer(200, ByteArray(Transport.MAX_ANSWER_BYTES + 1))) {
            raises<ConnectionException> { client(it, RetryPolicy.NONE).listProviders() }
        }
        check("the form holds what was given", answer(202, PHOTO)) {
            val eaten = Instant.parse("2026-04-01T12:00:00Z")
            client(it).uploadMealImage(USER, photo(), MealType.SNACK, eaten, "mit Käse")
            val sent = it.seen.single()
            same("POST /api/v1/nutrition/log/image?user_id=$USER HTTP/1.1", sent.line)
            val form = sent.body.toString(Charsets.UTF_8)
            for (part in listOf("\r\n\r\nsnack\r\n", "\r\n\r\n$eaten\r\n", "\r\n\r\nmit Käse\r\n", "\r\n\r\nphoto bytes\r\n")) {
                holds("no $part in $form", part in form)
            }
            holds("the file's own name went along", "private-name" !in form)
            same("sk-secret", sent.headers["x-wearlink-api-key"])
        }
        check("nobody listens", answer(200, EMPTY)) {
            it.close()
            raises<ConnectionException> { client(it).listProviders() }
        }
    }

    private fun summaries(client: WearLinkClient) =
        client.summariesFor(USER, LocalDate.parse("2026-04-01"), LocalDate.parse("2026-04-02"))

    private fun photo(): File = File.createTempFile("private-name", ".jpg").apply {
        deleteOnExit()
        writeText("photo bytes")
    }
}

private fun checkWithoutServer(checks: Checks) {
    checks.check("a key crosses no network in the clear") {
        for (bad in listOf("http://wearlink.io", "ftp://wearlink.io", "wearlink.io", "https://a@wearlink.io", "https://")) {
            raises<IllegalArgumentException> { WearLinkClient(bad, Credential.ApiKey("sk-1")) }
        }
    }
    checks.check("secrets are not printed") {
        val client = WearLinkClient("https://wearlink.io/", Credential.ApiKey("sk-1"))
        same("WearLinkClient(https://wearlink.io/api/v1) ApiKey(…)", "$client ${Credential.ApiKey("sk-1")}")
    }
    checks.check("a user id is a UUID") {
        val client = WearLinkClient("https://wearlink.io", Credential.ApiKey("sk-1"))
        for (bad in listOf("", "..", "../admin", "1")) raises<IllegalArgumentException> { client.connectionsFor(bad) }
    }
    checks.check("pauses grow, within bounds, and no further than allowed") {
        val policy = RetryPolicy(retries = 3, firstPause = Duration.ofSeconds(1), longestPause = Duration.ofSeconds(3))
        same(listOf(1L, 2L, 3L), (1..3).map { policy.pause(it, null, 0.0)!!.seconds })
        same(Duration.ofMillis(500), policy.pause(1, null, 1.0))
        same(null, policy.pause(4, null, 0.0))
    }
    checks.check("Retry-After is seconds or a date, and nothing else") {
        val now = Instant.parse("2026-04-01T00:00:00Z")
        same(Duration.ofSeconds(7), readRetryAfter(" 7 ", now))
        same(Duration.ofSeconds(30), readRetryAfter("Wed, 01 Apr 2026 00:00:30 GMT", now))
        same(Duration.ZERO, readRetryAfter("Tue, 31 Mar 2026 00:00:00 GMT", now))
        same(1_000_000_000L, readRetryAfter("9".repeat(40), now)?.seconds)
        for (bad in listOf("", "-1", "soon", "1.5")) same(null, readRetryAfter(bad, now))
    }
    checks.check("JSON is read as RFC 8259 has it") {
        fun read(text: String) = Json.parse(text.toByteArray())
        same<Any?>(mapOf("a" to listOf(1L, -2.5, true, null, "\u00e9\t\"/")), read("""{"a":[1,-2.5,true,null,"\u00e9\t\"\/"]}"""))
        for (bad in listOf("", "01", "1.", "+1", "nul", "[1,]", "{\"a\"}", "\"\\x\"", "\"\\u12\"", "\"a\nb\"", "1 2", "1e999")) {
            raises<JsonException> { read(bad) }
        }
        raises<JsonException> { read("[".repeat(100_000)) }
    }
}
