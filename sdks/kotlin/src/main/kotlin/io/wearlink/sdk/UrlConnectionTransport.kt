package io.wearlink.sdk

import java.io.ByteArrayOutputStream
import java.io.IOException
import java.io.InputStream
import java.net.HttpURLConnection
import java.net.SocketTimeoutException
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionException
import java.util.concurrent.Executor

/** Sends by HttpURLConnection, a thread of [executor] a call: for Android, which has no java.net.http. */
public class UrlConnectionTransport(private val executor: Executor, private val connectTimeout: Duration) : Transport {
    override fun send(request: Request): CompletableFuture<Answer> = CompletableFuture.supplyAsync({
        try {
            sendNow(request)
        } catch (error: IOException) {
            throw CompletionException(error)
        }
    }, executor)

    private fun sendNow(request: Request): Answer {
        val deadline = System.nanoTime() + request.timeout.toNanos()
        val connection = request.uri.toURL().openConnection() as HttpURLConnection
        try {
            connection.requestMethod = request.method
            connection.instanceFollowRedirects = false
            connection.useCaches = false
            connection.connectTimeout = connectTimeout.toMillis().toInt()
            connection.readTimeout = request.timeout.toMillis().toInt()
            for ((name, value) in request.headers) connection.setRequestProperty(name, value)
            request.body?.let { body ->
                connection.doOutput = true
                connection.setFixedLengthStreamingMode(body.size)
                connection.outputStream.use { it.write(body) }
            }
            val status = connection.responseCode
            val stream = if (status >= 400) connection.errorStream else connection.inputStream
            val body = stream?.use { readAll(it, deadline) } ?: ByteArray(0)
            val whole = connection.contentLengthLong
            if (whole > body.size) throw IOException("the answer is cut off")
            val headers = connection.headerFields.filterKeys { it != null }
            return Answer(status, headers.entries.associate { it.key.lowercase() to it.value.first() }, body)
        } finally {
            connection.disconnect()
        }
    }

    /** A read timeout alone would let a server that sends a byte now and then keep the thread for ever. */
    private fun readAll(stream: InputStream, deadline: Long): ByteArray {
        val collected = ByteArrayOutputStream()
        val buffer = ByteArray(16 * 1024)
        while (true) {
            val count = stream.read(buffer)
            if (count < 0) return collected.toByteArray()
            collected.write(buffer, 0, count)
            if (collected.size() > Transport.MAX_ANSWER_BYTES) throw IOException(TOO_LONG)
            if (System.nanoTime() - deadline > 0) throw SocketTimeoutException("the answer did not end in time")
        }
    }
}
