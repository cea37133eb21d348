package io.wearlink.sdk

import java.io.ByteArrayOutputStream
import java.io.IOException
import java.net.SocketTimeoutException
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.net.http.HttpTimeoutException
import java.nio.ByteBuffer
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionException
import java.util.concurrent.CompletionStage
import java.util.concurrent.Flow

/** Sends by java.net.http: needs no thread while it waits. */
public class JdkTransport(private val client: HttpClient) : Transport {
    public constructor(connectTimeout: Duration) : this(HttpClient.newBuilder().connectTimeout(connectTimeout).build())

    override fun send(request: Request): CompletableFuture<Answer> {
        val builder = HttpRequest.newBuilder(request.uri).timeout(request.timeout)
        for ((name, value) in request.headers) builder.header(name, value)
        val body = request.body
        val publisher =
            if (body == null) HttpRequest.BodyPublishers.noBody() else HttpRequest.BodyPublishers.ofByteArray(body)
        val sent = client.sendAsync(builder.method(request.method, publisher).build()) { BoundedBody() }
        val answer = sent.handle { response, error -> if (error == null) read(response) else throw translated(error) }
        answer.whenComplete { _, _ -> if (answer.isCancelled) sent.cancel(true) }
        return answer
    }

    private fun read(response: HttpResponse<ByteArray>): Answer =
        Answer(response.statusCode(), response.headers().map().mapValues { it.value.first() }, response.body())

    private fun translated(error: Throwable): Throwable = when (val inner = unwrap(error)) {
        is HttpTimeoutException -> CompletionException(SocketTimeoutException(inner.message).initCause(inner))
        else -> CompletionException(inner)
    }
}

/** Collects a body and lets go of the connection where it grows beyond the bound. */
private class BoundedBody : HttpResponse.BodySubscriber<ByteArray> {
    private val result = CompletableFuture<ByteArray>()
    private val collected = ByteArrayOutputStream()
    private lateinit var source: Flow.Subscription

    override fun getBody(): CompletionStage<ByteArray> = result

    override fun onSubscribe(subscription: Flow.Subscription) {
        source = subscription
        subscription.request(Long.MAX_VALUE)
    }

    override fun onNext(parts: List<ByteBuffer>) {
        for (part in parts) {
            if (collected.size() + part.remaining() > Transport.MAX_ANSWER_BYTES) {
                source.cancel()
                result.completeExceptionally(IOException(TOO_LONG))
                return
            }
            val bytes = ByteArray(part.remaining())
            part.get(bytes)
            collected.write(bytes, 0, bytes.size)
        }
    }

    override fun onError(error: Throwable) {
        result.completeExceptionally(error)
    }

    override fun onComplete() {
        result.complete(collected.toByteArray())
    }
}
