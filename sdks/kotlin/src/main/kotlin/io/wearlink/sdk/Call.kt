package io.wearlink.sdk

import java.io.IOException
import java.net.SocketTimeoutException
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionException
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException
import kotlin.random.Random

/** One call with its retries. [attempt] makes the next request, given the time it may take. */
internal class Call<T>(
    private val transport: Transport,
    private val timeouts: Timeouts,
    private val retry: RetryPolicy,
    private val isRead: Boolean,
    private val attempt: (Duration) -> Request,
    private val read: (Any?) -> T,
) {
    private val result = CompletableFuture<T>()
    private val started = System.nanoTime()

    @Volatile
    private var running: CompletableFuture<Answer>? = null

    /** Begins; cancelling what is returned ends the attempt under way and makes no other. */
    fun start(): CompletableFuture<T> {
        result.whenComplete { _, _ -> if (result.isCancelled) running?.cancel(true) }
        begin(0)
        return result
    }

    private fun begin(number: Int) {
        if (result.isDone) return
        val left = minOf(timeouts.attempt, timeouts.total - elapsed())
        if (left <= Duration.ZERO) {
            fail(CallTimeoutException("No answer within ${timeouts.total.toMillis()} ms and $number attempts."))
            return
        }
        try {
            val sent = transport.send(attempt(left))
            running = sent
            if (result.isCancelled) sent.cancel(true)
            // Not sent.orTimeout: that would end the future and leave its connection open.
            sent.copy().orTimeout(left.toNanos(), TimeUnit.NANOSECONDS).whenComplete { answer, error ->
                if (!sent.isDone) sent.cancel(true)
                guarded { if (error == null) settle(answer, number) else lose(unwrap(error), number) }
            }
        } catch (error: Exception) {
            fail(error)
        }
    }

    private fun settle(answer: Answer, number: Int) {
        if (answer.status == 429 || answer.status == 503) {
            val pause = affordable(retry.pause(number + 1, answer.retryAfter, Random.nextDouble()))
            if (pause != null) return again(number, pause)
        }
        if (answer.status !in 200..299) throw exceptionOf(answer)
        result.complete(
            try {
                read(Json.parse(answer.body))
            } catch (error: JsonException) {
                throw UnreadableAnswerException("The answer cannot be read: ${error.message}.", answer.requestId, error)
            },
        )
    }

    private fun lose(error: Throwable, number: Int) {
        if (error is TimeoutException || error is SocketTimeoutException) {
            throw CallTimeoutException("No whole answer in the time given.", error)
        }
        if (error !is IOException) throw error
        val pause = if (isRead) affordable(retry.pause(number + 1, null, Random.nextDouble())) else null
        if (pause != null) return again(number, pause)
        throw ConnectionException("No whole answer: ${error.message ?: error.javaClass.simpleName}", error)
    }

    private fun again(number: Int, pause: Duration) {
        val later = CompletableFuture.delayedExecutor(pause.toNanos(), TimeUnit.NANOSECONDS)
        later.execute { guarded { begin(number + 1) } }
    }

    /** A pause after which no time would be left is not begun. */
    private fun affordable(pause: Duration?): Duration? = pause?.takeIf { elapsed() + it < timeouts.total }

    private fun elapsed(): Duration = Duration.ofNanos(System.nanoTime() - started)

    private fun fail(error: Throwable) {
        result.completeExceptionally(error)
    }

    private fun guarded(work: () -> Unit) {
        try {
            work()
        } catch (error: Throwable) {
            fail(error)
        }
    }
}

/** The error itself, without what futures wrap it into. */
internal tailrec fun unwrap(error: Throwable): Throwable {
    val cause = error.cause
    return if (error is CompletionException && cause != null) unwrap(cause) else error
}
