"""The fields that open implementations of Garmin's programme know, by kind: any other is new and is counted."""

from typing import Final

_COMMON: Final = frozenset(
    {
        *("userId", "userAccessToken", "summaryId", "calendarDate", "startTimeInSeconds", "startTimeOffsetInSeconds"),
        "durationInSeconds",
    }
)
_MEASURED: Final = frozenset(
    {*("userId", "userAccessToken", "summaryId", "measurementTimeInSeconds", "measurementTimeOffsetInSeconds")}
)
_ACTIVITY: Final = _COMMON | {
    *("activityId", "activityName", "activityType", "activityDescription", "deviceName", "distanceInMeters", "steps"),
    *("activeKilocalories", "averageHeartRateInBeatsPerMinute", "maxHeartRateInBeatsPerMinute", "pushes"),
    *("averageSpeedInMetersPerSecond", "maxSpeedInMetersPerSecond", "averagePaceInMinutesPerKilometer"),
    *("maxPaceInMinutesPerKilometer", "averageRunCadenceInStepsPerMinute", "maxRunCadenceInStepsPerMinute"),
    *("averageBikeCadenceInRoundsPerMinute", "maxBikeCadenceInRoundsPerMinute"),
    *("averageSwimCadenceInStrokesPerMinute", "averagePushCadenceInPushesPerMinute"),
    *("maxPushCadenceInPushesPerMinute", "totalElevationGainInMeters", "totalElevationLossInMeters"),
    *("elevationGainInMeters", "numberOfActiveLengths", "startingLatitudeInDegree", "startingLongitudeInDegree"),
    *("isParent", "parentSummaryId", "manual", "isWebUpload"),
}
KNOWN: Final[dict[str, frozenset[str]]] = {
    "dailies": _COMMON
    | {
        *("activityType", "steps", "distanceInMeters", "activeTimeInSeconds", "activeKilocalories", "bmrKilocalories"),
        *("moderateIntensityDurationInSeconds", "vigorousIntensityDurationInSeconds", "floorsClimbed", "pushes"),
        *("minHeartRateInBeatsPerMinute", "averageHeartRateInBeatsPerMinute", "maxHeartRateInBeatsPerMinute"),
        *("restingHeartRateInBeatsPerMinute", "timeOffsetHeartRateSamples", "averageStressLevel", "maxStressLevel"),
        *("stressDurationInSeconds", "restStressDurationInSeconds", "activityStressDurationInSeconds"),
        *("lowStressDurationInSeconds", "mediumStressDurationInSeconds", "highStressDurationInSeconds"),
        *("stressQualifier", "bodyBatteryChargedValue", "bodyBatteryDrainedValue", "bodyBatteryHighestValue"),
        *("bodyBatteryLowestValue", "bodyBatteryMostRecentValue", "stepsGoal", "floorsClimbedGoal"),
        *("intensityDurationGoalInSeconds", "pushDistanceInMeters", "pushesGoal"),
    },
    "epochs": _COMMON
    | {
        *("activityType", "steps", "distanceInMeters", "activeKilocalories", "activeTimeInSeconds", "met"),
        *("intensity", "meanMotionIntensity", "maxMotionIntensity", "pushes", "pushDistanceInMeters"),
        "meanHeartRateInBeatsPerMinute",
    },
    "sleeps": _COMMON
    | {
        *("totalNapDurationInSeconds", "unmeasurableSleepInSeconds", "unmeasurableSleepDurationInSeconds"),
        *("deepSleepDurationInSeconds", "lightSleepDurationInSeconds", "remSleepInSeconds", "awakeDurationInSeconds"),
        *("sleepLevelsMap", "validation", "timeOffsetSleepRespiration", "timeOffsetSleepSpo2", "overallSleepScore"),
        *("sleepScores", "naps"),
    },
    "bodyComps": _MEASURED
    | {
        *("weightInGrams", "muscleMassInGrams", "boneMassInGrams", "bodyFatInPercent", "percentFat"),
        *("bodyWaterInPercent", "bodyMassIndex", "bmi"),
    },
    "bloodPressures": _MEASURED | {"systolic", "diastolic", "pulse", "sourceType"},
    "stressDetails": _COMMON
    | {
        *("timeOffsetStressLevelValues", "timeOffsetBodyBatteryValues", "bodyBatteryActivityEvents"),
        "bodyBatteryDynamicFeedbackEvent",
    },
    "userMetrics": _COMMON | {"vo2Max", "vo2MaxCycling", "fitnessAge", "enhanced"},
    "pulseox": _COMMON | {"timeOffsetSpo2Values", "onDemand"},
    "allDayRespiration": _COMMON | {"timeOffsetEpochToBreaths"},
    "hrv": _COMMON | {"lastNightAvg", "lastNight5MinHigh", "hrvValues"},
    "skinTemp": _COMMON | {"avgDeviationCelsius"},
    "healthSnapshot": _COMMON | {"summaries", "offsetStartTimeInSeconds"},
    "activities": _ACTIVITY,
    "manuallyUpdatedActivities": _ACTIVITY,
    "activityDetails": frozenset(
        {*("userId", "userAccessToken", "summaryId", "activityId", "summary", "samples", "laps", "piece")}
    ),
    "moveIQActivities": _COMMON | {"offsetInSeconds", "activityType", "activitySubType"},
    "mct": frozenset(
        {
            *("userId", "userAccessToken", "summaryId", "periodStartDate", "dayInCycle", "periodLength"),
            *("currentPhase", "currentPhaseType", "lengthOfCurrentPhase", "daysUntilNextPhase", "fertileWindowStart"),
            *("lengthOfFertileWindow", "predictedCycleLength", "isPredictedCycle", "cycleLength"),
            *("lastUpdatedTimeInSeconds", "hasSpecifiedCycleLength", "hasSpecifiedPeriodLength", "pregnancySnapshot"),
        }
    ),
}
