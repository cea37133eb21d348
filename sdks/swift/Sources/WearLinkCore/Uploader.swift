import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// An end user's token, as `POST /users/{user_id}/token` gave it to your backend.
public struct AccessToken: Sendable {
    public var value: String
    public var expiresAt: Date

    public init(value: String, expiresAt: Date) {
        self.value = value
        self.expiresAt = expiresAt
    }

    public init(value: String, expiresIn seconds: TimeInterval, now: Date = Date()) {
        self.init(value: value, expiresAt: now.addingTimeInterval(seconds))
    }
}

public enum SyncError: Error, Equatable {
    /// A new token was refused too.
    case unauthorized(requestId: String?)
    /// The end user is not there (any more): sign out.
    case userNotFound(requestId: String?)
    /// The address must be https, or http to this machine.
    case insecureAddress
}

/// What a flush did.
public struct FlushResult: Equatable, Sendable {
    /// Bodies that the server took.
    public var sent = 0
    /// Bodies that it will never take; see `RetryQueue.refused()`.
    public var refused = 0
    /// Bodies that wait.
    public var left = 0
    /// When to come back; nil if nothing waits.
    public var retryAt: Date?

    public init(sent: Int = 0, refused: Int = 0, left: Int = 0, retryAt: Date? = nil) {
        self.sent = sent
        self.refused = refused
        self.left = left
        self.retryAt = retryAt
    }
}

/// Batches items into the queue and sends the queue. One for each end user.
public actor Uploader {
    public struct Options: Sendable {
        /// Items of a body.
        public var batchSize = 1000
        /// Seconds before the first retry where the server names none; doubled each time.
        public var firstPause: TimeInterval = 15
        public var longestPause: TimeInterval = 3600
        /// A token that ends within these seconds is replaced before it is used.
        public var tokenMargin: TimeInterval = 60

        public init() {}
    }

    private let url: URL
    private let queue: RetryQueue
    private let token: @Sendable () async throws -> AccessToken
    private let transport: Transport
    private let options: Options
    private let now: @Sendable () -> Date
    private let chance: @Sendable () -> Double
    private var held: AccessToken?
    private var failures = 0
    private var running: Task<FlushResult, Error>?

    /// - Parameters:
    ///   - baseURL: the server without `/api/v1`
    ///   - token: asks your backend for a token of this end user; called when none is held, it ends, or it is refused
    public init(
        baseURL: URL, userId: UUID, queue: RetryQueue, options: Options = Options(),
        transport: Transport = SessionTransport(), now: @escaping @Sendable () -> Date = { Date() },
        chance: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        token: @escaping @Sendable () async throws -> AccessToken
    ) throws {
        let isLocal = ["localhost", "127.0.0.1", "::1"].contains(baseURL.host ?? "")
        guard baseURL.scheme == "https" || baseURL.scheme == "http" && isLocal else { throw SyncError.insecureAddress }
        url = baseURL.appendingPathComponent("api/v1/sdk/users/\(userId.uuidString.lowercased())/sync")
        self.queue = queue
        self.options = options
        self.transport = transport
        self.now = now
        self.chance = chance
        self.token = token
    }

    /// Put items into the queue; they are on disk when this returns. Throws QueueError.full, and then some batches may be
    /// in and others not: give all of them again later, the server recognises what it has.
    public func add(_ data: SyncData, timeZone: TimeZone? = .current) throws {
        for batch in data.batches(of: options.batchSize) {
            let body = SyncBody(data: batch, syncTimestamp: now(), timeZone: timeZone?.identifier)
            try queue.add(try gzip(body.encoded()), now: now())
        }
    }

    /// Send what waits, in order, until the queue is empty or the server or network says to stop. Never waits itself: come
    /// back at `retryAt`. A second call while one is under way joins it.
    public func flush() async throws -> FlushResult {
        if let running { return try await running.value }
        let task = Task { try await self.sendAll() }
        running = task
        defer { running = nil }
        return try await task.value
    }

    private func sendAll() async throws -> FlushResult {
        var result = FlushResult()
        if let until = queue.pausedUntil, until > now() {
            return FlushResult(left: queue.count, retryAt: until)
        }
        while let entry = try queue.entries().first {
            switch try await send(entry) {
            case .taken: result.sent += 1
            case .refused: result.refused += 1
            case .split: break
            case .pause(let seconds):
                let until = now().addingTimeInterval(seconds)
                queue.pausedUntil = until
                result.left = queue.count
                result.retryAt = until
                return result
            }
        }
        return result
    }

    private enum Outcome { case taken, refused, split, pause(TimeInterval) }

    private func send(_ entry: RetryQueue.Entry) async throws -> Outcome {
        let body = try queue.body(of: entry)
        let answer: Answer
        do {
            answer = try await attempt(body)
        } catch let error as SyncError {
            throw error
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            return .pause(nextPause(nil))
        }
        switch answer.status {
        case 200..<300:
            failures = 0
            queue.pausedUntil = nil
            try queue.remove(entry)
            return .taken
        case 401, 403: throw SyncError.unauthorized(requestId: answer.requestId)
        case 404: throw SyncError.userNotFound(requestId: answer.requestId)
        case 413: return try split(entry, body)
        case 400, 415, 422:
            try queue.refuse(entry)
            return .refused
        case 429, 503: return .pause(nextPause(answer.retryAfter(now: now())))
        default:
            // Perhaps it is this body that the server stumbles over: the others go first next time.
            try queue.moveToEnd(entry, now: now())
            return .pause(nextPause(nil))
        }
    }

    /// One request, and a second one where the token has ended before its time. A token closure that fails counts as no
    /// network.
    private func attempt(_ body: Data) async throws -> Answer {
        let first = try await transport.send(request(body, try await currentToken()))
        guard first.status == 401 else { return first }
        held = nil
        return try await transport.send(request(body, try await currentToken()))
    }

    private func currentToken() async throws -> String {
        if let held, held.expiresAt.timeIntervalSince(now()) > options.tokenMargin { return held.value }
        let fresh = try await token()
        held = fresh
        return fresh.value
    }

    private func request(_ body: Data, _ token: String) -> URLRequest {
        var request = URLRequest(url: url)
        request.httpMethod = "POST"
        request.httpBody = body
        request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.setValue("gzip", forHTTPHeaderField: "Content-Encoding")
        request.setValue("wearlink-swift/\(SyncBody.sdkVersion)", forHTTPHeaderField: "User-Agent")
        return request
    }

    /// Two halves in place of a body that is too large; one item alone cannot be helped.
    private func split(_ entry: RetryQueue.Entry, _ body: Data) throws -> Outcome {
        let whole = try SyncBody.decoded(from: gunzip(body))
        guard whole.data.count > 1 else {
            try queue.refuse(entry)
            return .refused
        }
        for half in whole.data.batches(of: (whole.data.count + 1) / 2) {
            var part = whole
            part.data = half
            try queue.add(try gzip(part.encoded()), now: now())
        }
        try queue.remove(entry)
        return .split
    }

    /// What the server asks, else a pause that doubles, less up to half of it by chance: phones that lost a server together
    /// do not come back together.
    private func nextPause(_ asked: TimeInterval?) -> TimeInterval {
        failures += 1
        if let asked { return asked }
        let doubled = options.firstPause * pow(2, Double(min(failures - 1, 20)))
        return min(doubled, options.longestPause) * (1 - chance() / 2)
    }
}
