/// A unit in which a quantity is read from HealthKit and sent; the raw value is what the API calls it.
public enum QuantityUnit: String, CaseIterable, Sendable {
    case perMinute = "count/min"
    case milliseconds = "ms"
    /// What HealthKit calls percent: 0.97 is 97 %.
    case fraction
    case millimetersOfMercury = "mmHg"
    case degreesCelsius = "degC"
    case kilograms = "kg"
    case meters = "m"
    case centimeters = "cm"
    case count
    case kilocalories = "kcal"
    case minutes = "min"
    case millilitersPerKilogramMinute = "ml/kg*min"
    case milligramsPerDeciliter = "mg/dL"
    case internationalUnits = "IU"
    case liters = "L"
    case litersPerMinute = "L/min"
    case milliliters = "mL"
    case watts = "W"
    case metersPerSecond = "m/s"
    case soundPressureLevel = "dBASPL"
    case grams = "g"
    case milligrams = "mg"
    case kilocaloriesPerKilogramHour = "kcal/kg*hr"
}

/// What can be read, by HealthKit's identifiers. A type that the phone's iOS does not know is passed over there.
public enum HealthTypes {
    public static let sleep = "HKCategoryTypeIdentifierSleepAnalysis"
    public static let workout = "HKWorkoutTypeIdentifier"

    /// Categories sent with their integer value, or their duration.
    public static let categories: Set<String> = [
        "HKCategoryTypeIdentifierAppleStandHour",
        "HKCategoryTypeIdentifierHandwashingEvent",
        "HKCategoryTypeIdentifierHighHeartRateEvent",
        "HKCategoryTypeIdentifierIrregularHeartRhythmEvent",
        "HKCategoryTypeIdentifierLowHeartRateEvent",
        "HKCategoryTypeIdentifierMindfulSession",
        "HKCategoryTypeIdentifierToothbrushingEvent",
    ]

    /// Everything.
    public static var all: Set<String> { Set(quantities.keys).union(categories).union([sleep, workout]) }

    /// What most apps want. Ask for no more than you use: people see the list, and the store's reviewers too.
    public static let usual: Set<String> = [
        sleep, workout,
        "HKQuantityTypeIdentifierActiveEnergyBurned",
        "HKQuantityTypeIdentifierAppleExerciseTime",
        "HKQuantityTypeIdentifierBasalEnergyBurned",
        "HKQuantityTypeIdentifierBodyMass",
        "HKQuantityTypeIdentifierDistanceCycling",
        "HKQuantityTypeIdentifierDistanceWalkingRunning",
        "HKQuantityTypeIdentifierFlightsClimbed",
        "HKQuantityTypeIdentifierHeartRate",
        "HKQuantityTypeIdentifierHeartRateVariabilitySDNN",
        "HKQuantityTypeIdentifierOxygenSaturation",
        "HKQuantityTypeIdentifierRespiratoryRate",
        "HKQuantityTypeIdentifierRestingHeartRate",
        "HKQuantityTypeIdentifierStepCount",
        "HKQuantityTypeIdentifierVO2Max",
    ]

    /// Quantities, each with a unit that HealthKit gives it in.
    public static let quantities: [String: QuantityUnit] = [
        "HKQuantityTypeIdentifierActiveEnergyBurned": .kilocalories,
        "HKQuantityTypeIdentifierAppleExerciseTime": .minutes,
        "HKQuantityTypeIdentifierAppleMoveTime": .minutes,
        "HKQuantityTypeIdentifierAppleSleepingWristTemperature": .degreesCelsius,
        "HKQuantityTypeIdentifierAppleStandTime": .minutes,
        "HKQuantityTypeIdentifierAppleWalkingSteadiness": .fraction,
        "HKQuantityTypeIdentifierAtrialFibrillationBurden": .fraction,
        "HKQuantityTypeIdentifierBasalBodyTemperature": .degreesCelsius,
        "HKQuantityTypeIdentifierBasalEnergyBurned": .kilocalories,
        "HKQuantityTypeIdentifierBloodAlcoholContent": .fraction,
        "HKQuantityTypeIdentifierBloodGlucose": .milligramsPerDeciliter,
        "HKQuantityTypeIdentifierBloodPressureDiastolic": .millimetersOfMercury,
        "HKQuantityTypeIdentifierBloodPressureSystolic": .millimetersOfMercury,
        "HKQuantityTypeIdentifierBodyFatPercentage": .fraction,
        "HKQuantityTypeIdentifierBodyMass": .kilograms,
        "HKQuantityTypeIdentifierBodyMassIndex": .count,
        "HKQuantityTypeIdentifierBodyTemperature": .degreesCelsius,
        "HKQuantityTypeIdentifierCyclingCadence": .perMinute,
        "HKQuantityTypeIdentifierCyclingFunctionalThresholdPower": .watts,
        "HKQuantityTypeIdentifierCyclingPower": .watts,
        "HKQuantityTypeIdentifierCyclingSpeed": .metersPerSecond,
        "HKQuantityTypeIdentifierDietaryCaffeine": .milligrams,
        "HKQuantityTypeIdentifierDietaryCarbohydrates": .grams,
        "HKQuantityTypeIdentifierDietaryEnergyConsumed": .kilocalories,
        "HKQuantityTypeIdentifierDietaryFatTotal": .grams,
        "HKQuantityTypeIdentifierDietaryFiber": .grams,
        "HKQuantityTypeIdentifierDietaryProtein": .grams,
        "HKQuantityTypeIdentifierDietarySodium": .milligrams,
        "HKQuantityTypeIdentifierDietarySugar": .grams,
        "HKQuantityTypeIdentifierDietaryWater": .milliliters,
        "HKQuantityTypeIdentifierDistanceCycling": .meters,
        "HKQuantityTypeIdentifierDistanceDownhillSnowSports": .meters,
        "HKQuantityTypeIdentifierDistanceSwimming": .meters,
        "HKQuantityTypeIdentifierDistanceWalkingRunning": .meters,
        "HKQuantityTypeIdentifierDistanceWheelchair": .meters,
        "HKQuantityTypeIdentifierEnvironmentalAudioExposure": .soundPressureLevel,
        "HKQuantityTypeIdentifierFlightsClimbed": .count,
        "HKQuantityTypeIdentifierForcedExpiratoryVolume1": .liters,
        "HKQuantityTypeIdentifierForcedVitalCapacity": .liters,
        "HKQuantityTypeIdentifierHeadphoneAudioExposure": .soundPressureLevel,
        "HKQuantityTypeIdentifierHeartRate": .perMinute,
        "HKQuantityTypeIdentifierHeartRateRecoveryOneMinute": .perMinute,
        "HKQuantityTypeIdentifierHeartRateVariabilitySDNN": .milliseconds,
        "HKQuantityTypeIdentifierHeight": .meters,
        "HKQuantityTypeIdentifierInhalerUsage": .count,
        "HKQuantityTypeIdentifierInsulinDelivery": .internationalUnits,
        "HKQuantityTypeIdentifierLeanBodyMass": .kilograms,
        "HKQuantityTypeIdentifierNumberOfAlcoholicBeverages": .count,
        "HKQuantityTypeIdentifierNumberOfTimesFallen": .count,
        "HKQuantityTypeIdentifierOxygenSaturation": .fraction,
        "HKQuantityTypeIdentifierPeakExpiratoryFlowRate": .litersPerMinute,
        "HKQuantityTypeIdentifierPeripheralPerfusionIndex": .fraction,
        "HKQuantityTypeIdentifierPhysicalEffort": .kilocaloriesPerKilogramHour,
        "HKQuantityTypeIdentifierPushCount": .count,
        "HKQuantityTypeIdentifierRespiratoryRate": .perMinute,
        "HKQuantityTypeIdentifierRestingHeartRate": .perMinute,
        "HKQuantityTypeIdentifierRunningGroundContactTime": .milliseconds,
        "HKQuantityTypeIdentifierRunningPower": .watts,
        "HKQuantityTypeIdentifierRunningSpeed": .metersPerSecond,
        "HKQuantityTypeIdentifierRunningStrideLength": .meters,
        "HKQuantityTypeIdentifierRunningVerticalOscillation": .centimeters,
        "HKQuantityTypeIdentifierSixMinuteWalkTestDistance": .meters,
        "HKQuantityTypeIdentifierStairAscentSpeed": .metersPerSecond,
        "HKQuantityTypeIdentifierStairDescentSpeed": .metersPerSecond,
        "HKQuantityTypeIdentifierStepCount": .count,
        "HKQuantityTypeIdentifierSwimmingStrokeCount": .count,
        "HKQuantityTypeIdentifierTimeInDaylight": .minutes,
        "HKQuantityTypeIdentifierUVExposure": .count,
        "HKQuantityTypeIdentifierUnderwaterDepth": .meters,
        "HKQuantityTypeIdentifierVO2Max": .millilitersPerKilogramMinute,
        "HKQuantityTypeIdentifierWaistCircumference": .meters,
        "HKQuantityTypeIdentifierWalkingAsymmetryPercentage": .fraction,
        "HKQuantityTypeIdentifierWalkingDoubleSupportPercentage": .fraction,
        "HKQuantityTypeIdentifierWalkingHeartRateAverage": .perMinute,
        "HKQuantityTypeIdentifierWalkingSpeed": .metersPerSecond,
        "HKQuantityTypeIdentifierWalkingStepLength": .meters,
        "HKQuantityTypeIdentifierWaterTemperature": .degreesCelsius,
    ]
}
