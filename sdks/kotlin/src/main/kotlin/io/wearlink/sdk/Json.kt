package io.wearlink.sdk

import java.nio.ByteBuffer
import java.nio.charset.CharacterCodingException
import java.nio.charset.StandardCharsets

internal class JsonException(message: String) : Exception(message)

/** Reads JSON (RFC 8259) into Map, List, String, Double, Long, Boolean and null; a number without a point is a Long. */
internal object Json {
    /** Deeper nesting than any answer of ours has, and far from the end of a stack. */
    private const val MAX_DEPTH = 64

    fun parse(bytes: ByteArray): Any? {
        val text = try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString()
        } catch (_: CharacterCodingException) {
            throw JsonException("not UTF-8")
        }
        return Reader(text).document()
    }

    private class Reader(private val text: String) {
        private var at = 0

        fun document(): Any? {
            val value = value(0)
            space()
            if (at != text.length) fail("more after the end")
            return value
        }

        private fun value(depth: Int): Any? {
            if (depth > MAX_DEPTH) fail("nested too deeply")
            space()
            return when (peek()) {
                '{' -> entries(depth)
                '[' -> items(depth)
                '"' -> string()
                't' -> word("true", true)
                'f' -> word("false", false)
                'n' -> word("null", null)
                else -> number()
            }
        }

        private fun entries(depth: Int): Map<String, Any?> {
            val found = LinkedHashMap<String, Any?>()
            at++
            space()
            if (takes('}')) return found
            do {
                space()
                val name = string()
                space()
                expect(':')
                found[name] = value(depth + 1)
                space()
            } while (takes(','))
            expect('}')
            return found
        }

        private fun items(depth: Int): List<Any?> {
            val found = ArrayList<Any?>()
            at++
            space()
            if (takes(']')) return found
            do {
                found.add(value(depth + 1))
                space()
            } while (takes(','))
            expect(']')
            return found
        }

        private fun string(): String {
            expect('"')
            val built = StringBuilder()
            while (true) {
                val next = next()
                when {
                    next == '"' -> return built.toString()
                    next == '\\' -> built.append(escaped())
                    next < ' ' -> fail("a control character in a string")
                    else -> built.append(next)
                }
            }
        }

        private fun escaped(): Char = when (val next = next()) {
            '"', '\\', '/' -> next
            'b' -> '\b'
            'f' -> '\u000C'
            'n' -> '\n'
            'r' -> '\r'
            't' -> '\t'
            'u' -> unicode()
            else -> fail("an unknown escape")
        }

        private fun unicode(): Char {
            if (at + 4 > text.length) fail("cut off")
            val code = text.substring(at, at + 4)
            if (!code.all { it in '0'..'9' || it in 'a'..'f' || it in 'A'..'F' }) fail("an unknown escape")
            at += 4
            return code.toInt(16).toChar()
        }

        private fun number(): Any {
            val found = NUMBER.matchAt(text, at)?.value ?: fail("unexpected")
            at += found.length
            return found.toLongOrNull() ?: found.toDouble().takeIf { it.isFinite() } ?: fail("a number out of range")
        }

        private fun <T> word(word: String, value: T): T {
            if (!text.startsWith(word, at)) fail("unexpected")
            at += word.length
            return value
        }

        private fun space() {
            while (at < text.length && text[at] in " \t\r\n") at++
        }

        private fun peek(): Char = if (at < text.length) text[at] else fail("cut off")

        private fun next(): Char = peek().also { at++ }

        private fun takes(wanted: Char): Boolean = (at < text.length && text[at] == wanted).also { if (it) at++ }

        private fun expect(wanted: Char) {
            if (!takes(wanted)) fail("'$wanted' expected")
        }

        private fun fail(what: String): Nothing = throw JsonException("$what at character $at")
    }

    private val NUMBER = Regex("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?")
}

/** An object of an answer. What must be there and is not, or is of another type, raises JsonException with its path. */
internal class Fields(private val fields: Map<*, *>, private val path: String = "") {
    fun text(name: String): String = textOrNull(name) ?: missing(name)

    fun textOrNull(name: String): String? = read(name)

    fun whole(name: String): Long = wholeOrNull(name) ?: missing(name)

    fun wholeOrNull(name: String): Long? = when (val found = fields[name]) {
        null -> null
        is Long -> found
        is Double -> found.toLong().takeIf { it.toDouble() == found } ?: wrong(name)
        else -> wrong(name)
    }

    fun figure(name: String): Double = figureOrNull(name) ?: missing(name)

    fun figureOrNull(name: String): Double? = read<Number>(name)?.toDouble()

    fun flag(name: String): Boolean = read(name) ?: missing(name)

    fun texts(name: String): List<String> = list(name).map { it as? String ?: wrong(name) }

    fun fields(name: String): Fields = Fields(read<Map<*, *>>(name) ?: missing(name), "$path$name.")

    fun each(name: String): List<Fields> =
        list(name).mapIndexed { number, item -> of(item, "$path$name[$number]") }

    /** An object as a map from its names to its objects. */
    fun named(name: String): Map<String, Fields> =
        read<Map<*, *>>(name).orEmpty().entries.associate { (key, item) -> "$key" to of(item, "$path$name.$key") }

    fun <T> parsed(name: String, parse: (String) -> T): T = parsedOrNull(name, parse) ?: missing(name)

    fun <T> parsedOrNull(name: String, parse: (String) -> T): T? = textOrNull(name)?.let { text ->
        try {
            parse(text)
        } catch (_: RuntimeException) {
            wrong(name)
        }
    }

    private fun list(name: String): List<*> = read<List<*>>(name) ?: missing(name)

    private inline fun <reified T> read(name: String): T? =
        fields[name]?.let { found -> found as? T ?: wrong(name) }

    private fun missing(name: String): Nothing = throw JsonException("$path$name is missing")

    private fun wrong(name: String): Nothing = throw JsonException("$path$name is of another type than expected")

    companion object {
        fun of(value: Any?, path: String = ""): Fields {
            val fields = value as? Map<*, *> ?: throw JsonException("${path.ifEmpty { "the answer" }} is no object")
            return Fields(fields, if (path.isEmpty()) "" else "$path.")
        }
    }
}
