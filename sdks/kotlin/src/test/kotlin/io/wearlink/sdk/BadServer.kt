package io.wearlink.sdk

import java.io.InputStream
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.concurrent.thread

/** What a request looked like on the wire. */
internal class Seen(val line: String, val headers: Map<String, String>, val body: ByteArray)

/** One move of the server: bytes to send, pauses between them, and whether it hangs up at the end. */
internal class Move(val parts: List<ByteArray>, val pauseMillis: Long = 0)

/** Speaks just enough HTTP on loopback to misbehave: answers with its moves in turn, the last one for ever. */
internal class BadServer(private vararg val moves: Move) : AutoCloseable {
    private val socket = ServerSocket(0, 50, InetAddress.getLoopbackAddress())
    val seen = CopyOnWriteArrayList<Seen>()
    val url = "http://127.0.0.1:${socket.localPort}"

    init {
        thread(isDaemon = true) {
            while (!socket.isClosed) {
                val caller = try {
                    socket.accept()
                } catch (_: java.io.IOException) {
                    break
                }
                thread(isDaemon = true) { caller.use(::serve) }
            }
        }
    }

    private fun serve(caller: Socket) = try {
        val input = caller.getInputStream().buffered()
        val line = readLine(input)
        val headers = generateSequence { readLine(input).ifEmpty { null } }
            .associate { it.substringBefore(':').lowercase() to it.substringAfter(':').trim() }
        val body = input.readNBytes(headers["content-length"]?.toInt() ?: 0)
        val move = synchronized(seen) {
            seen.add(Seen(line, headers, body))
            moves[minOf(seen.size, moves.size) - 1]
        }
        for (part in move.parts) {
            caller.getOutputStream().write(part)
            caller.getOutputStream().flush()
            if (move.pauseMillis > 0) Thread.sleep(move.pauseMillis)
        }
    } catch (_: java.io.IOException) {
        // The caller had enough.
    }

    private fun readLine(input: InputStream): String {
        val line = StringBuilder()
        while (true) {
            val next = input.read()
            if (next < 0 || next == '\n'.code) return line.toString().trimEnd('\r')
            line.append(next.toChar())
        }
    }

    override fun close() = socket.close()
}

/** A whole answer. A header given as "Content-Length" replaces the true one. */
internal fun answer(status: Int, body: String, vararg headers: Pair<String, String>): Move =
    answer(status, body.toByteArray(), *headers)

internal fun answer(status: Int, body: ByteArray, vararg headers: Pair<String, String>): Move {
    val all = linkedMapOf("Content-Length" to "${body.size}", "Connection" to "close", *headers)
    val head = "HTTP/1.1 $status Whatever\r\n" + all.entries.joinToString("") { "${it.key}: ${it.value}\r\n" } + "\r\n"
    return Move(listOf(head.toByteArray() + body))
}
