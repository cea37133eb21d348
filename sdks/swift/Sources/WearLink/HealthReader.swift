#if os(iOS)
import Foundation
import HealthKit
import WearLinkCore

/// Reads types page by page from where it last stopped. What HealthKit tells as deleted is passed over: the API takes no
/// deletions from phones.
actor HealthReader {
    private let store: HKHealthStore
    private let anchors: AnchorStore
    private let uploader: Uploader
    private let predicate: NSPredicate?
    private let pageSize: Int
    private var reading: [String: Task<Void, Error>] = [:]

    init(store: HKHealthStore, anchors: AnchorStore, uploader: Uploader, since: Date?, pageSize: Int) {
        self.store = store
        self.anchors = anchors
        self.uploader = uploader
        self.pageSize = pageSize
        predicate = since.map { HKQuery.predicateForSamples(withStart: $0, end: nil) }
    }

    /// Put everything new of a type into the queue. A second call while one is under way joins it.
    func read(_ type: HKSampleType) async throws {
        let name = type.identifier
        if let running = reading[name] { return try await running.value }
        let task = Task { try await self.readPages(type) }
        reading[name] = task
        defer { reading[name] = nil }
        try await task.value
    }

    private func readPages(_ type: HKSampleType) async throws {
        while true {
            let page = try await page(of: type, after: anchor(of: type))
            if !page.samples.isEmpty { try await keep(page.samples) }
            let mark = try NSKeyedArchiver.archivedData(withRootObject: page.anchor, requiringSecureCoding: true)
            try anchors.save(mark, of: type.identifier)
            if page.samples.count + page.deleted < pageSize { return }
        }
    }

    /// A full queue is emptied once; if that does not help, the anchor stays where it was and the page comes again.
    private func keep(_ samples: [HKSample]) async throws {
        let data = syncData(of: samples)
        do {
            try await uploader.add(data)
        } catch QueueError.full {
            _ = try await uploader.flush()
            try await uploader.add(data)
        }
    }

    private func anchor(of type: HKSampleType) -> HKQueryAnchor? {
        guard let mark = anchors.anchor(of: type.identifier) else { return nil }
        return try? NSKeyedUnarchiver.unarchivedObject(ofClass: HKQueryAnchor.self, from: mark)
    }

    private struct Page {
        let samples: [HKSample]
        let deleted: Int
        let anchor: HKQueryAnchor
    }

    private func page(of type: HKSampleType, after anchor: HKQueryAnchor?) async throws -> Page {
        try await withCheckedThrowingContinuation { continuation in
            let query = HKAnchoredObjectQuery(type: type, predicate: predicate, anchor: anchor, limit: pageSize) {
                _, samples, deleted, next, error in
                if let next {
                    let page = Page(samples: samples ?? [], deleted: deleted?.count ?? 0, anchor: next)
                    continuation.resume(returning: page)
                } else {
                    continuation.resume(throwing: error ?? HKError(.unknownError))
                }
            }
            store.execute(query)
        }
    }
}
#endif
