package io.wearlink.sdk

import java.time.Duration

/**
 * Everything that a call can end with but its result.
 *
 * ```
 * WearLinkException
 * ├── ApiException            the server said no: status, code, detail, requestId, faults
 * │   ├── BadRequestException     400, 413, 415, 422: [ApiException.faults] name the fields
 * │   ├── UnauthorizedException   401, 403
 * │   ├── NotFoundException       404, also for what belongs to another organization
 * │   ├── ConflictException       409
 * │   ├── RateLimitedException    429: retryAfter
 * │   └── UnavailableException    503: retryAfter
 * ├── ConnectionException     no answer: unknown host, refused, cut
 * ├── CallTimeoutException    no whole answer in the time given
 * └── UnreadableAnswerException  an answer that is not what this version understands
 * ```
 */
public sealed class WearLinkException(message: String, cause: Throwable? = null) : RuntimeException(message, cause) {
    /** The id to name when you contact support; null where no answer came or it carried none. */
    public open val requestId: String? get() = null
}

/** What is wrong with one field: its name (nested names joined by dots) and the fault in words. */
public data class FieldFault(public val field: String, public val message: String)

/** An answer of the server that says no. */
public open class ApiException internal constructor(answer: Refusal) :
    WearLinkException("${answer.status} ${answer.code}: ${answer.detail}") {
    /** HTTP status. */
    public val status: Int = answer.status

    /** A stable word for programs, such as `user_not_found`; `unknown` where a proxy answered. */
    public val code: String = answer.code

    /** A sentence for people. */
    public val detail: String = answer.detail

    /** What is wrong, field by field; mostly empty. */
    public val faults: List<FieldFault> = answer.faults

    /** How long the server asks to wait; null where it does not say. */
    public val retryAfter: Duration? = answer.retryAfter

    override val requestId: String? = answer.requestId
}

/** 400, 413, 415 or 422. */
public class BadRequestException internal constructor(answer: Refusal) : ApiException(answer)

/** 401 or 403: the key or token is missing, expired, or not for this. */
public class UnauthorizedException internal constructor(answer: Refusal) : ApiException(answer)

/** 404. */
public class NotFoundException internal constructor(answer: Refusal) : ApiException(answer)

/** 409. */
public class ConflictException internal constructor(answer: Refusal) : ApiException(answer)

/** 429, after the retries that the [RetryPolicy] allows. */
public class RateLimitedException internal constructor(answer: Refusal) : ApiException(answer)

/** 503, after the retries that the [RetryPolicy] allows. */
public class UnavailableException internal constructor(answer: Refusal) : ApiException(answer)

/** No answer. */
public class ConnectionException internal constructor(message: String, cause: Throwable?) :
    WearLinkException(message, cause)

/** No whole answer within [Timeouts]. The server may have done what was asked. */
public class CallTimeoutException internal constructor(message: String, cause: Throwable? = null) :
    WearLinkException(message, cause)

/** An answer with a status of success that is cut off, too long, not JSON, or lacks what it must have. */
public class UnreadableAnswerException internal constructor(
    message: String,
    override val requestId: String? = null,
    cause: Throwable? = null,
) : WearLinkException(message, cause)

/** What an answer of refusal says. */
internal class Refusal(
    val status: Int,
    val code: String,
    val detail: String,
    val requestId: String?,
    val faults: List<FieldFault>,
    val retryAfter: Duration?,
)

internal fun exceptionOf(answer: Answer): ApiException {
    val refusal = readRefusal(answer)
    return when (answer.status) {
        400, 413, 415, 422 -> BadRequestException(refusal)
        401, 403 -> UnauthorizedException(refusal)
        404 -> NotFoundException(refusal)
        409 -> ConflictException(refusal)
        429 -> RateLimitedException(refusal)
        503 -> UnavailableException(refusal)
        else -> ApiException(refusal)
    }
}

/** Never fails: a proxy between may answer with a page of its own. */
private fun readRefusal(answer: Answer): Refusal {
    val body = try {
        Json.parse(answer.body) as? Map<*, *>
    } catch (_: JsonException) {
        null
    }
    val faults = (body?.get("errors") as? List<*>).orEmpty().mapNotNull { entry ->
        val fault = entry as? Map<*, *>
        val field = fault?.get("field") as? String
        val message = fault?.get("message") as? String
        if (field == null || message == null) null else FieldFault(field, message)
    }
    return Refusal(
        status = answer.status,
        code = body?.get("code") as? String ?: "unknown",
        detail = body?.get("detail") as? String ?: "The server answered ${answer.status} without a reason.",
        requestId = answer.requestId ?: body?.get("request_id") as? String,
        faults = faults,
        retryAfter = answer.retryAfter,
    )
}
