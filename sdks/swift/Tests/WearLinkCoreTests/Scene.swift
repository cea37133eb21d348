import Foundation
import XCTest
@testable import WearLinkCore

let morning = Date(timeIntervalSince1970: 1_776_234_600)  // 2026-04-15T06:30:00Z
let watch = SyncSource(
    appId: "com.apple.health.4E0C1B7A", deviceName: "Apple Watch", deviceManufacturer: "Apple Inc.",
    deviceModel: "Watch6,3", deviceHardwareVersion: "Watch6,3", deviceSoftwareVersion: "10.3.1",
    operatingSystemVersion: .init(majorVersion: 10, minorVersion: 3, patchVersion: 1))

func heartRates(_ count: Int) -> [SyncRecord] {
    (0..<count).map { number in
        let at = morning.addingTimeInterval(Double(number) * 60)
        return SyncRecord(
            id: "hr-\(number)", type: "HKQuantityTypeIdentifierHeartRate", startDate: at, endDate: at,
            value: Double(60 + number % 60), unit: "count/min", zoneOffset: "+02:00", source: watch)
    }
}

/// A believable figure in each unit.
let figures: [QuantityUnit: Double] = [
    .perMinute: 60, .milliseconds: 250, .fraction: 0.2, .millimetersOfMercury: 110, .degreesCelsius: 36.5, .kilograms: 70.4,
    .meters: 1.25, .centimeters: 9, .count: 20, .kilocalories: 100.5, .minutes: 10, .millilitersPerKilogramMinute: 45,
    .milligramsPerDeciliter: 95, .internationalUnits: 2, .liters: 4, .litersPerMinute: 400, .milliliters: 300, .watts: 200,
    .metersPerSecond: 1.5, .soundPressureLevel: 60, .grams: 10, .milligrams: 200, .kilocaloriesPerKilogramHour: 3,
]

/// And where that would be unbelievable.
let unusual: [String: Double] = ["HKQuantityTypeIdentifierBloodAlcoholContent": 0.0005]

/// One record of every type that can be read, ten minutes apart.
func everyType() -> SyncBody {
    var records: [SyncRecord] = []
    for name in HealthTypes.quantities.keys.sorted() + HealthTypes.categories.sorted() {
        let at = morning.addingTimeInterval(Double(records.count) * 600)
        let unit = HealthTypes.quantities[name]
        records.append(
            SyncRecord(
                id: "every-\(records.count)", type: name, startDate: at, endDate: at.addingTimeInterval(60.5),
                value: unusual[name] ?? unit.map { figures[$0]! } ?? 1, unit: unit?.rawValue, zoneOffset: "+02:00", source: watch))
    }
    return SyncBody(data: SyncData(records: records), syncTimestamp: morning, timeZone: "Europe/Paris")
}

/// A night in all its stages, and a run indoors.
func nightAndRun() -> SyncBody {
    var night: [SyncSleepStage] = []
    for stage in SyncSleepStage.Stage.allCases where stage != .unknown {
        let begin = morning.addingTimeInterval(Double(night.count - 8) * 3600)
        night.append(
            SyncSleepStage(
                id: "stage-\(night.count)", stage: stage, startDate: begin, endDate: begin.addingTimeInterval(3600),
                zoneOffset: "+02:00", source: watch))
    }
    let run = SyncWorkout(
        id: "run-1", type: WorkoutTypes.code(ofActivity: 37), startDate: morning, endDate: morning.addingTimeInterval(2100),
        values: [
            .init("duration", 2100, "s"), .init("distance", 5200, "m"), .init("activeEnergyBurned", 342, "kcal"),
            .init("basalEnergyBurned", 50, "kcal"), .init("averageHeartRate", 145, "count/min"),
            .init("minHeartRate", 98, "count/min"), .init("maxHeartRate", 171, "count/min"),
            .init("stepCount", 5400, "count"), .init("elevationAscended", 12.5, "m"), .init("indoorWorkout", 1, "bool"),
        ], zoneOffset: "+02:00", source: watch)
    let typed = SyncRecord(
        id: "typed-1", type: "HKQuantityTypeIdentifierBodyMass", startDate: morning, endDate: morning, value: 70.4,
        unit: "kg", source: SyncSource(appId: "com.apple.Health", deviceModel: "iPhone15,2", recordingMethod: "manual"))
    return SyncBody(
        data: SyncData(records: [typed], sleep: night, workouts: [run]), syncTimestamp: morning, timeZone: "Europe/Paris")
}

func newDirectory() -> URL {
    FileManager.default.temporaryDirectory.appendingPathComponent("wearlink-\(UUID().uuidString)", isDirectory: true)
}

func fixture(_ name: String) throws -> Data {
    let url = try XCTUnwrap(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: "json"))
    return try Data(contentsOf: url)
}
