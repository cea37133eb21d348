package io.wearlink.sdk

import java.io.File
import java.time.LocalDate
import kotlin.system.exitProcess

/** The four calls, each in both forms, against a real server: BASE KEY USER DAY PHOTO. Prints what it saw. */
fun main(arguments: Array<String>) {
    val (base, key, user, day, photo) = arguments
    val wearlink = WearLinkClient(base, Credential.ApiKey(key))
    val date = LocalDate.parse(day)

    val providers = wearlink.listProviders()
    same(providers, wearlink.listProvidersAsync().get())
    println("providers ${providers.joinToString(",") { "${it.slug}:${it.kind}:${it.isConfigured}" }}")

    val connections = wearlink.connectionsFor(user)
    same(connections, wearlink.connectionsForAsync(user).get())
    println("connections ${connections.joinToString(",") { "${it.provider}:${it.status}" }}")

    val days = wearlink.summariesFor(user, date.minusDays(1), date)
    same(days, wearlink.summariesForAsync(user, date.minusDays(1), date).get())
    for (one in days) {
        println("day ${one.date} ${one.steps} ${one.sources["steps"]?.device} ${one.figures["steps"]?.revision}")
    }

    val meal = wearlink.uploadMealImage(user, File(photo), MealType.LUNCH, note = "mit Käse")
    val another = wearlink.uploadMealImageAsync(user, File(photo)).get()
    println("meal ${meal.logId} ${meal.status} ${another.logId}")

    val stranger = raises<NotFoundException> { wearlink.connectionsFor("00000000-0000-4000-8000-000000000000") }
    println("error ${stranger.status} ${stranger.code} ${stranger.requestId?.isNotEmpty()}")
    val range = raises<BadRequestException> { wearlink.summariesFor(user, date, date.minusDays(1)) }
    println("error ${range.status} ${range.code} ${range.faults.map { it.field }}")
    val keyless = WearLinkClient(base, Credential.ApiKey("sk-wrong"))
    println("error ${raises<UnauthorizedException> { keyless.listProviders() }.code}")
    exitProcess(0)
}
