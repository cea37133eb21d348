import Foundation

public enum QueueError: Error, Equatable {
    /// The queue holds as much as it may. What was to be added is not in it: read it again later.
    case full
}

/// Gzipped bodies that wait to be sent: one file each, in the order of their names. A body is on disk before its add
/// returns, and goes only when it is taken out; a crash between leaves it to be sent again, which changes nothing on the
/// server.
public final class RetryQueue: @unchecked Sendable {
    public struct Entry: Equatable, Sendable {
        public let name: String
        let url: URL
    }

    private let directory: URL
    private let maxBytes: Int
    private let lock = NSLock()
    private var last: Int64 = 0
    private static let suffix = ".json.gz"
    private static let keptRefusals = 20

    /// - Parameters:
    ///   - directory: of this queue and one end user alone; made if it is not there
    ///   - maxBytes: of all bodies together
    public init(directory: URL, maxBytes: Int = 64 << 20) throws {
        self.directory = directory
        self.maxBytes = maxBytes
        try Self.makeDirectory(directory)
        try Self.makeDirectory(refusedDirectory)
    }

    /// Put a body at the end.
    public func add(_ body: Data, now: Date = Date()) throws {
        lock.lock()
        defer { lock.unlock() }
        guard try size() + body.count <= maxBytes else { throw QueueError.full }
        try Self.write(body, to: directory.appendingPathComponent(nextName(now)))
    }

    /// All bodies, in order.
    public func entries() throws -> [Entry] {
        lock.lock()
        defer { lock.unlock() }
        return try list(directory)
    }

    public var count: Int { (try? entries().count) ?? 0 }

    public func body(of entry: Entry) throws -> Data { try Data(contentsOf: entry.url) }

    /// Take a body out for good.
    public func remove(_ entry: Entry) throws {
        lock.lock()
        defer { lock.unlock() }
        try FileManager.default.removeItem(at: entry.url)
    }

    /// Let the others go first.
    public func moveToEnd(_ entry: Entry, now: Date = Date()) throws {
        lock.lock()
        defer { lock.unlock() }
        try FileManager.default.moveItem(at: entry.url, to: directory.appendingPathComponent(nextName(now)))
    }

    /// Put aside what the server will never take, so that it does not stop the rest. The latest twenty are kept.
    public func refuse(_ entry: Entry) throws {
        lock.lock()
        defer { lock.unlock() }
        try FileManager.default.moveItem(at: entry.url, to: refusedDirectory.appendingPathComponent(entry.name))
        for old in try list(refusedDirectory).dropLast(Self.keptRefusals) {
            try FileManager.default.removeItem(at: old.url)
        }
    }

    /// What was put aside.
    public func refused() throws -> [Entry] {
        lock.lock()
        defer { lock.unlock() }
        return try list(refusedDirectory)
    }

    /// Nothing is to be sent before this time; it outlasts the app.
    public var pausedUntil: Date? {
        get {
            guard let text = try? String(contentsOf: pauseFile, encoding: .utf8), let time = Double(text) else { return nil }
            return Date(timeIntervalSince1970: time)
        }
        set {
            if let newValue {
                try? Self.write(Data("\(newValue.timeIntervalSince1970)".utf8), to: pauseFile)
            } else {
                try? FileManager.default.removeItem(at: pauseFile)
            }
        }
    }

    /// Forget everything: the end user signs out.
    public func removeAll() throws {
        lock.lock()
        defer { lock.unlock() }
        try FileManager.default.removeItem(at: directory)
        try Self.makeDirectory(directory)
        try Self.makeDirectory(refusedDirectory)
    }

    private var refusedDirectory: URL { directory.appendingPathComponent("refused", isDirectory: true) }

    private var pauseFile: URL { directory.appendingPathComponent("paused-until") }

    /// Microseconds, in as many digits as the next centuries need, and never twice the same.
    private func nextName(_ now: Date) -> String {
        last = max(last + 1, Int64(now.timeIntervalSince1970 * 1_000_000))
        let digits = String(last)
        let padded = String(repeating: "0", count: max(0, 17 - digits.count)) + digits
        return "\(padded)-\(UUID().uuidString.prefix(8))\(Self.suffix)"
    }

    private func list(_ directory: URL) throws -> [Entry] {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        return names.filter { $0.hasSuffix(Self.suffix) }.sorted().map {
            Entry(name: $0, url: directory.appendingPathComponent($0))
        }
    }

    private func size() throws -> Int {
        try list(directory).reduce(0) { total, entry in
            let attributes = try FileManager.default.attributesOfItem(atPath: entry.url.path)
            return total + ((attributes[.size] as? NSNumber)?.intValue ?? 0)
        }
    }

    private static func makeDirectory(_ directory: URL) throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        #if os(iOS)
        // Neither in a backup nor readable before the phone was first unlocked; background syncs run on a locked one.
        var url = directory
        var values = URLResourceValues()
        values.isExcludedFromBackup = true
        try url.setResourceValues(values)
        #endif
    }

    private static func write(_ data: Data, to url: URL) throws {
        #if os(iOS)
        try data.write(to: url, options: [.atomic, .completeFileProtectionUntilFirstUserAuthentication])
        #else
        try data.write(to: url, options: .atomic)
        #endif
    }
}
