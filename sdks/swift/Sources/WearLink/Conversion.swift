#if os(iOS)
import Foundation
import HealthKit
import WearLinkCore

func syncData(of samples: [HKSample]) -> SyncData {
    var data = SyncData()
    for sample in samples {
        switch sample {
        case let workout as HKWorkout: data.workouts.append(syncWorkout(workout))
        case let quantity as HKQuantitySample:
            if let record = syncRecord(quantity) { data.records.append(record) }
        case let category as HKCategorySample where category.categoryType.identifier == HealthTypes.sleep:
            data.sleep.append(
                SyncSleepStage(
                    id: sample.uuid.uuidString, stage: .init(healthKit: category.value), startDate: sample.startDate,
                    endDate: sample.endDate, zoneOffset: offset(of: sample), source: source(of: sample)))
        case let category as HKCategorySample:
            data.records.append(
                SyncRecord(
                    id: sample.uuid.uuidString, type: category.categoryType.identifier, startDate: sample.startDate,
                    endDate: sample.endDate, value: Double(category.value), unit: nil, zoneOffset: offset(of: sample),
                    source: source(of: sample)))
        default: break
        }
    }
    return data
}

private func syncRecord(_ sample: HKQuantitySample) -> SyncRecord? {
    let type = sample.quantityType.identifier
    guard let unit = HealthTypes.quantities[type] else { return nil }
    let value = sample.quantity.doubleValue(for: unit.healthKit)
    guard value.isFinite else { return nil }
    return SyncRecord(
        id: sample.uuid.uuidString, type: type, startDate: sample.startDate, endDate: sample.endDate, value: value,
        unit: unit.rawValue, zoneOffset: offset(of: sample), source: source(of: sample))
}

private func syncWorkout(_ workout: HKWorkout) -> SyncWorkout {
    SyncWorkout(
        id: workout.uuid.uuidString, type: WorkoutTypes.code(ofActivity: workout.workoutActivityType.rawValue),
        startDate: workout.startDate, endDate: workout.endDate, values: figures(of: workout),
        zoneOffset: offset(of: workout), source: source(of: workout))
}

private func figures(of workout: HKWorkout) -> [SyncWorkout.Figure] {
    var figures = [SyncWorkout.Figure("duration", workout.duration, "s")]
    func add(_ name: String, _ quantity: HKQuantity?, _ unit: QuantityUnit) {
        guard let value = quantity?.doubleValue(for: unit.healthKit), value.isFinite else { return }
        figures.append(.init(name, value, unit.rawValue))
    }
    func statistics(_ identifier: HKQuantityTypeIdentifier) -> HKStatistics? {
        workout.statistics(for: HKQuantityType(identifier))
    }
    let distances: [HKQuantityTypeIdentifier] = [
        .distanceWalkingRunning, .distanceCycling, .distanceSwimming, .distanceWheelchair, .distanceDownhillSnowSports,
    ]
    add("distance", distances.lazy.compactMap { statistics($0)?.sumQuantity() }.first, .meters)
    add("activeEnergyBurned", statistics(.activeEnergyBurned)?.sumQuantity(), .kilocalories)
    add("basalEnergyBurned", statistics(.basalEnergyBurned)?.sumQuantity(), .kilocalories)
    add("averageHeartRate", statistics(.heartRate)?.averageQuantity(), .perMinute)
    add("minHeartRate", statistics(.heartRate)?.minimumQuantity(), .perMinute)
    add("maxHeartRate", statistics(.heartRate)?.maximumQuantity(), .perMinute)
    add("stepCount", statistics(.stepCount)?.sumQuantity(), .count)
    add("elevationAscended", workout.metadata?[HKMetadataKeyElevationAscended] as? HKQuantity, .meters)
    if let indoor = workout.metadata?[HKMetadataKeyIndoorWorkout] as? Bool {
        figures.append(.init("indoorWorkout", indoor ? 1 : 0, "bool"))
    }
    return figures
}

private func source(of sample: HKSample) -> SyncSource {
    let revision = sample.sourceRevision
    let system = revision.operatingSystemVersion
    let isTyped = sample.metadata?[HKMetadataKeyWasUserEntered] as? Bool ?? false
    return SyncSource(
        appId: revision.source.bundleIdentifier,
        deviceName: sample.device?.name ?? revision.source.name,
        deviceManufacturer: sample.device?.manufacturer,
        deviceModel: revision.productType ?? sample.device?.hardwareVersion ?? sample.device?.model,
        deviceHardwareVersion: sample.device?.hardwareVersion,
        deviceSoftwareVersion: sample.device?.softwareVersion ?? revision.version,
        recordingMethod: isTyped ? "manual" : nil,
        operatingSystemVersion: .init(
            majorVersion: system.majorVersion, minorVersion: system.minorVersion, patchVersion: system.patchVersion))
}

private func offset(of sample: HKSample) -> String? {
    guard let name = sample.metadata?[HKMetadataKeyTimeZone] as? String, let zone = TimeZone(identifier: name) else {
        return nil
    }
    return zoneOffset(of: zone, at: sample.startDate)
}

extension QuantityUnit {
    var healthKit: HKUnit {
        switch self {
        case .perMinute: return .count().unitDivided(by: .minute())
        case .milliseconds: return .secondUnit(with: .milli)
        case .fraction: return .percent()
        case .millimetersOfMercury: return .millimeterOfMercury()
        case .degreesCelsius: return .degreeCelsius()
        case .kilograms: return .gramUnit(with: .kilo)
        case .meters: return .meter()
        case .centimeters: return .meterUnit(with: .centi)
        case .count: return .count()
        case .kilocalories: return .kilocalorie()
        case .minutes: return .minute()
        case .millilitersPerKilogramMinute:
            return .literUnit(with: .milli).unitDivided(by: .gramUnit(with: .kilo).unitMultiplied(by: .minute()))
        case .milligramsPerDeciliter: return .gramUnit(with: .milli).unitDivided(by: .literUnit(with: .deci))
        case .internationalUnits: return .internationalUnit()
        case .liters: return .liter()
        case .litersPerMinute: return .liter().unitDivided(by: .minute())
        case .milliliters: return .literUnit(with: .milli)
        case .watts: return .watt()
        case .metersPerSecond: return .meter().unitDivided(by: .second())
        case .soundPressureLevel: return .decibelAWeightedSoundPressureLevel()
        case .grams: return .gram()
        case .milligrams: return .gramUnit(with: .milli)
        case .kilocaloriesPerKilogramHour:
            return .kilocalorie().unitDivided(by: .gramUnit(with: .kilo).unitMultiplied(by: .hour()))
        }
    }
}
#endif
