package io.wearlink.sdk

import kotlin.system.exitProcess

/** A test runner in a page: named checks, run in order, counted at the end. Ends with 1 where one failed. */
internal class Checks {
    private var passed = 0
    private val failed = ArrayList<String>()

    fun check(name: String, body: () -> Unit) {
        try {
            body()
            passed++
        } catch (error: Throwable) {
            failed.add(name)
            println("FAILED $name: $error\n  ${error.stackTrace.take(6).joinToString("\n  ")}")
        }
    }

    fun end() {
        println("$passed passed, ${failed.size} failed")
        exitProcess(if (failed.isEmpty()) 0 else 1)
    }
}

internal fun <T> same(expected: T, found: T) {
    if (expected != found) throw AssertionError("expected $expected, found $found")
}

internal fun holds(what: String, truth: Boolean) {
    if (!truth) throw AssertionError(what)
}

internal inline fun <reified E : Throwable> raises(body: () -> Unit): E {
    try {
        body()
    } catch (error: Throwable) {
        if (error is E) return error
        throw AssertionError("expected ${E::class.java.simpleName}, found $error", error)
    }
    throw AssertionError("expected ${E::class.java.simpleName}, and nothing was raised")
}
