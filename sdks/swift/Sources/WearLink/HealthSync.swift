#if os(iOS)
import Foundation
import HealthKit
@_exported import WearLinkCore

/// Brings one end user's HealthKit data to WearLink, in the background too. Make one as early as the app starts, so that
/// iOS finds its observers when it wakes the app.
public final class HealthSync: @unchecked Sendable {
    private let store: HKHealthStore
    private let types: [HKSampleType]
    private let queue: RetryQueue
    private let anchors: AnchorStore
    private let uploader: Uploader
    private let reader: HealthReader
    private let lock = NSLock()
    private var observers: [HKObserverQuery] = []

    /// Whether the device has HealthKit at all.
    public static var isAvailable: Bool { HKHealthStore.isHealthDataAvailable() }

    /// - Parameters:
    ///   - baseURL: the server without `/api/v1`
    ///   - types: of `HealthTypes`
    ///   - since: the beginning of the history to read, the same at each start; nil: all of it
    ///   - token: asks your backend for a token of this end user
    public init(
        baseURL: URL, userId: UUID, types: Set<String> = HealthTypes.usual, since: Date? = nil,
        options: Uploader.Options = .init(), token: @escaping @Sendable () async throws -> AccessToken
    ) throws {
        let support = try FileManager.default.url(
            for: .applicationSupportDirectory, in: .userDomainMask, appropriateFor: nil, create: true)
        let home = support.appendingPathComponent("WearLink/\(userId.uuidString)", isDirectory: true)
        store = HKHealthStore()
        self.types = types.sorted().compactMap(sampleType)
        queue = try RetryQueue(directory: home.appendingPathComponent("queue", isDirectory: true))
        anchors = try AnchorStore(directory: home.appendingPathComponent("anchors", isDirectory: true))
        uploader = try Uploader(baseURL: baseURL, userId: userId, queue: queue, options: options, token: token)
        reader = HealthReader(
            store: store, anchors: anchors, uploader: uploader, since: since, pageSize: options.batchSize)
    }

    /// Show iOS's sheet for the types not yet asked for. HealthKit does not tell whether reading was allowed: types that
    /// were refused just have no data.
    public func requestPermission() async throws {
        try await store.requestAuthorization(toShare: [], read: Set(types))
    }

    /// Watch all types, also while the app is in the background or not running: iOS wakes it, at most hourly a type.
    /// Needs the HealthKit background delivery entitlement; call it at each start of the app.
    public func start() async throws {
        for type in types {
            let observer = HKObserverQuery(sampleType: type, predicate: nil) { [weak self] _, completed, error in
                guard let self, error == nil else { return completed() }
                Task {
                    // What fails is tried again at the next wake-up; iOS must hear from us in any case.
                    try? await self.reader.read(type)
                    _ = try? await self.uploader.flush()
                    completed()
                }
            }
            lock.withLock { observers.append(observer) }
            store.execute(observer)
            try await store.enableBackgroundDelivery(for: type, frequency: .hourly)
        }
    }

    /// Read what is new of all types and send what waits.
    @discardableResult
    public func sync() async throws -> FlushResult {
        for type in types { try await reader.read(type) }
        return try await uploader.flush()
    }

    /// Send what waits, without reading; for `retryAt` of the last result.
    @discardableResult
    public func flush() async throws -> FlushResult { try await uploader.flush() }

    /// No longer watch.
    public func stop() async throws {
        let watching = lock.withLock {
            defer { observers = [] }
            return observers
        }
        watching.forEach(store.stop)
        for type in types { try await store.disableBackgroundDelivery(for: type) }
    }

    /// Stop, and forget everything that is on the phone: the user signs out or is erased.
    public func signOut() async throws {
        try await stop()
        try queue.removeAll()
        try anchors.removeAll()
    }
}

/// nil for one that this iOS does not know.
private func sampleType(_ identifier: String) -> HKSampleType? {
    if identifier == HealthTypes.workout { return HKObjectType.workoutType() }
    if HealthTypes.quantities[identifier] != nil {
        return HKObjectType.quantityType(forIdentifier: HKQuantityTypeIdentifier(rawValue: identifier))
    }
    return HKObjectType.categoryType(forIdentifier: HKCategoryTypeIdentifier(rawValue: identifier))
}
#endif
