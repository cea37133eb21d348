package io.wearlink.sdk

import java.time.Instant
import java.time.LocalDate
import java.time.OffsetDateTime
import java.util.UUID

/** Whether users connect on the web or the phone uploads. */
public enum class ProviderKind {
    CLOUD,
    SDK,

    /** A kind that this version does not know. */
    UNKNOWN,
}

/** What a provider can deliver, in codes of `GET /meta/series-types` and `GET /meta/workout-types`. */
public data class Coverage(
    public val series: List<String>,
    public val workoutTypes: List<String>,
    public val sleep: Boolean,
    public val scores: List<String>,
)

/**
 * One provider of the catalogue.
 *
 * @property slug what paths and answers call it, such as `garmin`
 * @property name what people call it
 * @property isConfigured whether your users can connect it now
 * @property historyDays how far back it answers; null: no bound
 * @property supports pull, push, deletes, upload
 */
public data class Provider(
    public val slug: String,
    public val name: String,
    public val kind: ProviderKind,
    public val isConfigured: Boolean,
    public val scopes: List<String>,
    public val historyDays: Int?,
    public val supports: List<String>,
    public val coverage: Coverage,
    public val notes: String,
)

/** How a connection stands. */
public enum class ConnectionStatus {
    ACTIVE,

    /** The user must connect again. */
    EXPIRED,

    /** Ended by you, the user or the provider. */
    REVOKED,

    /** Syncs keep failing; they go on being tried. */
    ERROR,

    /** A status that this version does not know. */
    UNKNOWN,
}

/**
 * One end user's connection to a provider.
 *
 * @property reason a code for why it is not active
 * @property lastSyncAt when a sync last ended well; null: never
 * @property lastEventAt the vendor's last push; null: never
 */
public data class Connection(
    public val id: UUID,
    public val provider: String,
    public val status: ConnectionStatus,
    public val reason: String?,
    public val connectedAt: Instant,
    public val lastSyncAt: Instant?,
    public val lastEventAt: Instant?,
    public val scopes: List<String>,
)

/** Where a figure comes from; [device] is null if unknown. */
public data class DataSource(public val provider: String, public val device: String?)

/**
 * What is behind one figure of a day.
 *
 * @property coverageMinutes measured time behind it; null for a vendor's own figure
 * @property isPartial the day still runs, or less than ten hours of it were measured
 * @property revision 1, and one more for each change after the day was over
 */
public data class DayFigure(
    public val value: Double,
    public val coverageMinutes: Int?,
    public val isPartial: Boolean,
    public val revision: Int,
    public val revisedAt: Instant,
)

/**
 * One local day of an end user, merged from all sources; null where no source has a figure.
 *
 * @property sources the source that gave most of each figure, by the API's name of it such as `steps`
 * @property figures what is behind each figure, by the same names
 */
public data class ActivityDay(
    public val date: LocalDate,
    public val steps: Long?,
    public val activeCaloriesKcal: Double?,
    public val basalCaloriesKcal: Double?,
    public val totalCaloriesKcal: Double?,
    public val distanceMeters: Double?,
    public val flightsClimbed: Long?,
    public val elevationGainMeters: Double?,
    public val activeMinutes: Long?,
    public val sedentaryMinutes: Long?,
    public val avgHeartRateBpm: Double?,
    public val minHeartRateBpm: Double?,
    public val maxHeartRateBpm: Double?,
    public val restingHeartRateBpm: Double?,
    public val sources: Map<String, DataSource>,
    public val figures: Map<String, DayFigure>,
)

/** Which meal a photo shows; without one the server goes by the user's time of day. */
public enum class MealType { BREAKFAST, LUNCH, DINNER, SNACK }

/**
 * A photo that was taken in and waits to be recognised.
 *
 * @property logId the meal: poll `GET /nutrition/log/{log_id}`, or subscribe to `nutrition.log.recognized`
 * @property status `pending`
 */
public data class MealImage(public val jobId: UUID, public val logId: UUID, public val status: String)

internal fun readProvider(from: Fields): Provider {
    val coverage = from.fields("coverage")
    return Provider(
        slug = from.text("slug"),
        name = from.text("name"),
        kind = read(from.text("kind"), ProviderKind.UNKNOWN),
        isConfigured = from.flag("is_configured"),
        scopes = from.texts("scopes"),
        historyDays = from.wholeOrNull("history_days")?.toInt(),
        supports = from.texts("supports"),
        coverage = Coverage(
            coverage.texts("series"),
            coverage.texts("workout_types"),
            coverage.flag("sleep"),
            coverage.texts("scores"),
        ),
        notes = from.text("notes"),
    )
}

internal fun readConnection(from: Fields): Connection = Connection(
    id = from.parsed("id", UUID::fromString),
    provider = from.text("provider"),
    status = read(from.text("status"), ConnectionStatus.UNKNOWN),
    reason = from.textOrNull("reason"),
    connectedAt = from.parsed("connected_at", ::instant),
    lastSyncAt = from.parsedOrNull("last_sync_at", ::instant),
    lastEventAt = from.parsedOrNull("last_event_at", ::instant),
    scopes = from.texts("scopes"),
)

internal fun readDay(from: Fields): ActivityDay = ActivityDay(
    date = from.parsed("date") { LocalDate.parse(it) },
    steps = from.wholeOrNull("steps"),
    activeCaloriesKcal = from.figureOrNull("active_calories_kcal"),
    basalCaloriesKcal = from.figureOrNull("basal_calories_kcal"),
    totalCaloriesKcal = from.figureOrNull("total_calories_kcal"),
    distanceMeters = from.figureOrNull("distance_meters"),
    flightsClimbed = from.wholeOrNull("flights_climbed"),
    elevationGainMeters = from.figureOrNull("elevation_gain_meters"),
    activeMinutes = from.wholeOrNull("active_minutes"),
    sedentaryMinutes = from.wholeOrNull("sedentary_minutes"),
    avgHeartRateBpm = from.figureOrNull("avg_heart_rate_bpm"),
    minHeartRateBpm = from.figureOrNull("min_heart_rate_bpm"),
    maxHeartRateBpm = from.figureOrNull("max_heart_rate_bpm"),
    restingHeartRateBpm = from.figureOrNull("resting_heart_rate_bpm"),
    sources = from.named("sources").mapValues { (_, one) -> DataSource(one.text("provider"), one.textOrNull("device")) },
    figures = from.named("figures").mapValues { (_, one) -> readFigure(one) },
)

private fun readFigure(from: Fields): DayFigure = DayFigure(
    value = from.figure("value"),
    coverageMinutes = from.wholeOrNull("coverage_minutes")?.toInt(),
    isPartial = from.flag("is_partial"),
    revision = from.whole("revision").toInt(),
    revisedAt = from.parsed("revised_at", ::instant),
)

internal fun readMealImage(from: Fields): MealImage = MealImage(
    jobId = from.parsed("job_id", UUID::fromString),
    logId = from.parsed("log_id", UUID::fromString),
    status = from.text("status"),
)

private fun instant(text: String): Instant = OffsetDateTime.parse(text).toInstant()

/** The constant of that name; one that a later server has and this version does not is [unknown]. */
private inline fun <reified T : Enum<T>> read(name: String, unknown: T): T =
    enumValues<T>().find { it.name.equals(name, ignoreCase = true) } ?: unknown
