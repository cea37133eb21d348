package io.wearlink.sdk

import java.net.URI
import java.time.Duration
import java.time.Instant
import java.time.ZonedDateTime
import java.time.format.DateTimeFormatter
import java.time.format.DateTimeParseException
import java.util.concurrent.CompletableFuture

/** One HTTP request. */
public class Request internal constructor(
    public val method: String,
    public val uri: URI,
    public val headers: Map<String, String>,
    public val body: ByteArray?,
    public val timeout: Duration,
)

/** One whole HTTP answer. Header names are in lower case. */
public class Answer(public val status: Int, public val headers: Map<String, String>, public val body: ByteArray) {
    internal val requestId: String? get() = headers["x-request-id"]?.takeIf { it.isNotBlank() }

    internal val retryAfter: Duration? get() = headers["retry-after"]?.let { readRetryAfter(it, Instant.now()) }
}

/** Sends requests. Give one of your own to go through another HTTP library, proxy or certificate check. */
public fun interface Transport {
    /**
     * The answer, whatever its status; redirects are not followed. Ends with an IOException for one that did not come
     * whole or is longer than [MAX_ANSWER_BYTES], and with a SocketTimeoutException for one that took too long.
     */
    public fun send(request: Request): CompletableFuture<Answer>

    public companion object {
        /** No answer of the four calls comes near it. */
        public const val MAX_ANSWER_BYTES: Int = 16 * 1024 * 1024
    }
}

internal const val TOO_LONG = "the answer is longer than ${Transport.MAX_ANSWER_BYTES} bytes"

/** Seconds or a date (RFC 9110, 10.2.3); null for neither. Never negative. */
internal fun readRetryAfter(text: String, now: Instant): Duration? {
    val trimmed = text.trim()
    if (trimmed.isNotEmpty() && trimmed.all { it in '0'..'9' }) {
        return Duration.ofSeconds(trimmed.toLongOrNull()?.coerceAtMost(FOREVER) ?: FOREVER)
    }
    return try {
        val until = ZonedDateTime.parse(trimmed, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant()
        maxOf(Duration.between(now, until), Duration.ZERO)
    } catch (_: DateTimeParseException) {
        null
    }
}

private const val FOREVER = 1_000_000_000L
