import Foundation

/// Where an item comes from: the device that measured and the app that wrote.
public struct SyncSource: Codable, Equatable, Sendable {
    public struct SystemVersion: Codable, Equatable, Sendable {
        public var majorVersion: Int
        public var minorVersion: Int
        public var patchVersion: Int

        public init(majorVersion: Int, minorVersion: Int, patchVersion: Int) {
            self.majorVersion = majorVersion
            self.minorVersion = minorVersion
            self.patchVersion = patchVersion
        }
    }

    /// The bundle identifier of the app that wrote.
    public var appId: String?
    public var deviceName: String?
    public var deviceManufacturer: String?
    /// Such as `Watch6,3`.
    public var deviceModel: String?
    /// `watch`, `phone`, `scale`, …; the server tells it by the model where it is nil.
    public var deviceType: String?
    public var deviceHardwareVersion: String?
    public var deviceSoftwareVersion: String?
    /// `manual` for what was typed in.
    public var recordingMethod: String?
    public var operatingSystemVersion: SystemVersion?

    public init(
        appId: String? = nil, deviceName: String? = nil, deviceManufacturer: String? = nil, deviceModel: String? = nil,
        deviceType: String? = nil, deviceHardwareVersion: String? = nil, deviceSoftwareVersion: String? = nil,
        recordingMethod: String? = nil, operatingSystemVersion: SystemVersion? = nil
    ) {
        self.appId = appId
        self.deviceName = deviceName
        self.deviceManufacturer = deviceManufacturer
        self.deviceModel = deviceModel
        self.deviceType = deviceType
        self.deviceHardwareVersion = deviceHardwareVersion
        self.deviceSoftwareVersion = deviceSoftwareVersion
        self.recordingMethod = recordingMethod
        self.operatingSystemVersion = operatingSystemVersion
    }
}

/// One numeric sample.
public struct SyncRecord: Codable, Equatable, Sendable {
    public var id: String
    /// A HealthKit identifier such as `HKQuantityTypeIdentifierHeartRate`.
    public var type: String
    public var startDate: Date
    public var endDate: Date
    public var value: Double
    /// nil for category samples.
    public var unit: String?
    /// Such as `+02:00`: where it was recorded, if the sample says so.
    public var zoneOffset: String?
    public var source: SyncSource?

    public init(
        id: String, type: String, startDate: Date, endDate: Date, value: Double, unit: String?,
        zoneOffset: String? = nil, source: SyncSource? = nil
    ) {
        self.id = id
        self.type = type
        self.startDate = startDate
        self.endDate = endDate
        self.value = value
        self.unit = unit
        self.zoneOffset = zoneOffset
        self.source = source
    }
}

/// One stage of sleep.
public struct SyncSleepStage: Codable, Equatable, Sendable {
    public enum Stage: String, Codable, Sendable, CaseIterable {
        case inBed = "in_bed"
        case sleeping
        case awake
        case light = "asleep_light"
        case deep = "asleep_deep"
        case rem = "asleep_rem"
        case unknown

        /// Of HealthKit's `HKCategoryValueSleepAnalysis`.
        public init(healthKit value: Int) {
            let stages: [Stage] = [.inBed, .sleeping, .awake, .light, .deep, .rem]
            self = stages.indices.contains(value) ? stages[value] : .unknown
        }
    }

    public var id: String
    public var stage: Stage
    public var startDate: Date
    public var endDate: Date
    public var zoneOffset: String?
    public var source: SyncSource?

    public init(
        id: String, stage: Stage, startDate: Date, endDate: Date, zoneOffset: String? = nil, source: SyncSource? = nil
    ) {
        self.id = id
        self.stage = stage
        self.startDate = startDate
        self.endDate = endDate
        self.zoneOffset = zoneOffset
        self.source = source
    }
}

/// One workout with its figures.
public struct SyncWorkout: Codable, Equatable, Sendable {
    /// One figure, such as `distance` in `m`.
    public struct Figure: Codable, Equatable, Sendable {
        public var type: String
        public var value: Double
        public var unit: String

        public init(_ type: String, _ value: Double, _ unit: String) {
            self.type = type
            self.value = value
            self.unit = unit
        }
    }

    public var id: String
    /// A code of `GET /meta/workout-types`; see `WorkoutTypes`.
    public var type: String
    public var startDate: Date
    public var endDate: Date
    public var zoneOffset: String?
    public var values: [Figure]
    public var source: SyncSource?

    public init(
        id: String, type: String, startDate: Date, endDate: Date, values: [Figure], zoneOffset: String? = nil,
        source: SyncSource? = nil
    ) {
        self.id = id
        self.type = type
        self.startDate = startDate
        self.endDate = endDate
        self.values = values
        self.zoneOffset = zoneOffset
        self.source = source
    }
}

/// The three collections of a sync.
public struct SyncData: Codable, Equatable, Sendable {
    public var records: [SyncRecord]
    public var sleep: [SyncSleepStage]
    public var workouts: [SyncWorkout]

    public init(records: [SyncRecord] = [], sleep: [SyncSleepStage] = [], workouts: [SyncWorkout] = []) {
        self.records = records
        self.sleep = sleep
        self.workouts = workouts
    }

    public var count: Int { records.count + sleep.count + workouts.count }

    /// The same items in pieces of at most `size`, each but the last full.
    public func batches(of size: Int) -> [SyncData] {
        precondition(size > 0)
        var batches: [SyncData] = []
        var open = SyncData()
        func closeIfFull() {
            if open.count == size {
                batches.append(open)
                open = SyncData()
            }
        }
        for record in records {
            open.records.append(record)
            closeIfFull()
        }
        for stage in sleep {
            open.sleep.append(stage)
            closeIfFull()
        }
        for workout in workouts {
            open.workouts.append(workout)
            closeIfFull()
        }
        return open.count == 0 ? batches : batches + [open]
    }
}
