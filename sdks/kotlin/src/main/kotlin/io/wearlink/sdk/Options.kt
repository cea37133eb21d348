package io.wearlink.sdk

import java.time.Duration

/** What a call proves itself with. Neither form prints its secret. */
public sealed class Credential {
    internal abstract fun header(): Pair<String, String>

    /** An organization's key (`sk-…`), for servers only: an app that carries one gives all your users' data away. */
    public class ApiKey(private val key: String) : Credential() {
        init {
            require(key.isNotBlank()) { "The API key is empty." }
        }

        override fun header(): Pair<String, String> = "X-WearLink-API-Key" to key

        override fun toString(): String = "ApiKey(…)"
    }

    /**
     * One end user's token, for apps. It lasts an hour: [token] is asked before each attempt and may answer a new one.
     * Of the four calls it opens uploadMealImage.
     */
    public class SdkToken(private val token: () -> String) : Credential() {
        override fun header(): Pair<String, String> = "Authorization" to "Bearer ${token()}"

        override fun toString(): String = "SdkToken(…)"
    }
}

/**
 * How long to wait.
 *
 * @property connect for the connection to stand
 * @property attempt for one whole answer, to its last byte
 * @property total for a call with all its retries and the pauses between them
 */
public data class Timeouts @JvmOverloads constructor(
    public val connect: Duration = Duration.ofSeconds(10),
    public val attempt: Duration = Duration.ofSeconds(30),
    public val total: Duration = Duration.ofSeconds(150),
) {
    init {
        require(listOf(connect, attempt, total).all { it > Duration.ZERO }) { "Timeouts must be above zero." }
    }
}

/**
 * When to try again: after 429 and 503 always, since the server has done nothing then; after a lost connection only
 * calls that read.
 *
 * @property retries further attempts after the first
 * @property firstPause where the server names none; doubled each time, with up to half of it left off by chance
 * @property longestPause a server that asks for more is not waited for: the call ends with what it answered
 */
public data class RetryPolicy @JvmOverloads constructor(
    public val retries: Int = 3,
    public val firstPause: Duration = Duration.ofMillis(500),
    public val longestPause: Duration = Duration.ofSeconds(60),
) {
    init {
        require(retries >= 0) { "retries must not be negative." }
        require(!firstPause.isNegative && !longestPause.isNegative) { "Pauses must not be negative." }
    }

    /** The pause before attempt number [next] (from 1), or null if it is not to be made. */
    internal fun pause(next: Int, retryAfter: Duration?, chance: Double): Duration? {
        if (next > retries) return null
        if (retryAfter != null) return retryAfter.takeIf { it <= longestPause }
        val doubled = firstPause.multipliedBy(1L shl minOf(next - 1, 20))
        val bounded = minOf(doubled, longestPause)
        return Duration.ofNanos((bounded.toNanos() * (1.0 - chance / 2)).toLong())
    }

    public companion object {
        /** One attempt. */
        @JvmField
        public val NONE: RetryPolicy = RetryPolicy(retries = 0)
    }
}
