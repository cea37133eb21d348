import XCTest
@testable import WearLinkCore
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Answers in turn, the last for ever, and keeps what it was asked. nil: no network.
private actor Script: Transport {
    private var answers: [Answer?]
    private(set) var requests: [URLRequest] = []

    init(_ answers: [Answer?]) { self.answers = answers }

    func send(_ request: URLRequest) async throws -> Answer {
        requests.append(request)
        await Task.yield()
        guard let answer = answers.count > 1 ? answers.removeFirst() : answers[0] else { throw URLError(.networkConnectionLost) }
        return answer
    }

    var tokens: [String?] { requests.map { $0.value(forHTTPHeaderField: "Authorization") } }
}

/// A clock that stands until moved, and a backend that counts its tokens.
private final class World: @unchecked Sendable {
    private let lock = NSLock()
    private var time = morning
    private var asked = 0

    var now: Date {
        get { lock.withLock { time } }
        set { lock.withLock { time = newValue } }
    }

    func token() -> AccessToken {
        lock.withLock {
            asked += 1
            return AccessToken(value: "token-\(asked)", expiresIn: 3600, now: time)
        }
    }
}

final class UploaderTests: XCTestCase {
    private let directory = newDirectory()
    private let world = World()
    private let user = UUID()
    private let taken = Answer(status: 202)

    override func tearDown() { try? FileManager.default.removeItem(at: directory) }

    private func uploader(_ script: Script, batchSize: Int = 10) throws -> Uploader {
        var options = Uploader.Options()
        options.batchSize = batchSize
        let world = world
        return try Uploader(
            baseURL: URL(string: "https://wearlink.example.com")!, userId: user, queue: RetryQueue(directory: directory),
            options: options, transport: script, now: { world.now }, chance: { 0 }, token: { world.token() })
    }

    private func queue() throws -> RetryQueue { try RetryQueue(directory: directory) }

    func testABatchIsSentAsTheServerWantsIt() async throws {
        let script = Script([taken])
        let uploader = try uploader(script)
        try await uploader.add(SyncData(records: heartRates(25)), timeZone: TimeZone(identifier: "Europe/Paris"))
        let result = try await uploader.flush()
        XCTAssertEqual(result, FlushResult(sent: 3))
        let requests = await script.requests
        XCTAssertEqual(requests[0].url?.path, "/api/v1/sdk/users/\(user.uuidString.lowercased())/sync")
        XCTAssertEqual(requests[0].httpMethod, "POST")
        XCTAssertEqual(requests[0].value(forHTTPHeaderField: "Content-Encoding"), "gzip")
        XCTAssertEqual(requests[0].value(forHTTPHeaderField: "Content-Type"), "application/json")
        let bodies = try requests.map { try SyncBody.decoded(from: gunzip(try XCTUnwrap($0.httpBody))) }
        XCTAssertEqual(bodies.flatMap(\.data.records), heartRates(25))
        XCTAssertEqual(bodies[0].timeZone, "Europe/Paris")
        let tokens = await script.tokens
        XCTAssertEqual(Set(tokens), ["Bearer token-1"])
    }

    func testA429IsWaitedForAcrossAnAppsEnd() async throws {
        let script = Script([taken, Answer(status: 429, headers: ["retry-after": "90"]), taken])
        let first = try uploader(script)
        try await first.add(SyncData(records: heartRates(20)))
        let stopped = try await first.flush()
        XCTAssertEqual(stopped, FlushResult(sent: 1, left: 1, retryAt: morning.addingTimeInterval(90)))
        let restarted = try uploader(script)
        let early = try await restarted.flush()
        XCTAssertEqual(early, FlushResult(left: 1, retryAt: morning.addingTimeInterval(90)))
        world.now = morning.addingTimeInterval(91)
        let later = try await restarted.flush()
        XCTAssertEqual(later, FlushResult(sent: 1))
        let count = await script.requests.count
        XCTAssertEqual(count, 3)
        XCTAssertNil(try queue().pausedUntil)
    }

    func testWithoutNetworkPausesDoubleUpToABound() async throws {
        let uploader = try uploader(Script([nil]))
        try await uploader.add(SyncData(records: heartRates(1)))
        var pauses: [TimeInterval] = []
        for _ in 0..<10 {
            let retryAt = try await uploader.flush().retryAt
            pauses.append(try XCTUnwrap(retryAt).timeIntervalSince(world.now))
            world.now = try XCTUnwrap(retryAt)
        }
        XCTAssertEqual(pauses, [15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600])
        XCTAssertEqual(try queue().count, 1)
    }

    func testARefusedTokenIsReplacedOnceAndTheSameBodySentAgain() async throws {
        let script = Script([Answer(status: 401), taken])
        let uploader = try uploader(script)
        try await uploader.add(SyncData(records: heartRates(1)))
        let result = try await uploader.flush()
        XCTAssertEqual(result, FlushResult(sent: 1))
        let tokens = await script.tokens
        XCTAssertEqual(tokens, ["Bearer token-1", "Bearer token-2"])
    }

    func testATokenThatIsRefusedAgainIsAnErrorAndNothingIsLost() async throws {
        let uploader = try uploader(Script([Answer(status: 401, headers: ["x-request-id": "r-1"])]))
        try await uploader.add(SyncData(records: heartRates(1)))
        do {
            _ = try await uploader.flush()
            XCTFail("sent with a refused token")
        } catch { XCTAssertEqual(error as? SyncError, .unauthorized(requestId: "r-1")) }
        XCTAssertEqual(try queue().count, 1)
    }

    func testATokenIsReplacedBeforeItEnds() async throws {
        let script = Script([taken])
        let uploader = try uploader(script)
        for later in [0.0, 3000, 3541] {
            world.now = morning.addingTimeInterval(later)
            try await uploader.add(SyncData(records: heartRates(1)))
            _ = try await uploader.flush()
        }
        let tokens = await script.tokens
        XCTAssertEqual(tokens, ["Bearer token-1", "Bearer token-1", "Bearer token-2"])
    }

    func testABodyThatIsTooLargeGoesInHalves() async throws {
        let script = Script([Answer(status: 413), taken])
        let uploader = try uploader(script)
        try await uploader.add(SyncData(records: heartRates(5)))
        let result = try await uploader.flush()
        XCTAssertEqual(result, FlushResult(sent: 2))
        let bodies = try await script.requests.map { try SyncBody.decoded(from: gunzip($0.httpBody!)).data.count }
        XCTAssertEqual(bodies, [5, 3, 2])
    }

    func testWhatTheServerNeverTakesIsPutAsideAndTheRestGoesOn() async throws {
        let uploader = try uploader(Script([Answer(status: 400), taken, Answer(status: 413), taken]), batchSize: 1)
        try await uploader.add(SyncData(records: heartRates(4)))
        let result = try await uploader.flush()
        XCTAssertEqual(result, FlushResult(sent: 2, refused: 2))
        XCTAssertEqual(try queue().refused().count, 2)
    }

    func testABodyOnWhichTheServerStumblesGoesLast() async throws {
        let script = Script([Answer(status: 500), taken])
        let uploader = try uploader(script, batchSize: 1)
        try await uploader.add(SyncData(records: heartRates(3)))
        let stumbled = try await uploader.flush()
        XCTAssertEqual(stumbled.left, 3)
        world.now = morning.addingTimeInterval(60)
        _ = try await uploader.flush()
        let sent = try await script.requests.map { try SyncBody.decoded(from: gunzip($0.httpBody!)).data.records[0].id }
        XCTAssertEqual(sent, ["hr-0", "hr-1", "hr-2", "hr-0"])
    }

    func testAUserWhoIsGoneIsAnError() async throws {
        let uploader = try uploader(Script([Answer(status: 404)]))
        try await uploader.add(SyncData(records: heartRates(1)))
        do {
            _ = try await uploader.flush()
            XCTFail("sent for nobody")
        } catch { XCTAssertEqual(error as? SyncError, .userNotFound(requestId: nil)) }
    }

    func testFlushesAtOnceSendEachBodyOnce() async throws {
        let script = Script([taken])
        let uploader = try uploader(script, batchSize: 1)
        try await uploader.add(SyncData(records: heartRates(20)))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = try await uploader.flush() } }
            try await group.waitForAll()
        }
        let ids = try await script.requests.map { try SyncBody.decoded(from: gunzip($0.httpBody!)).data.records[0].id }
        XCTAssertEqual(ids, (0..<20).map { "hr-\($0)" })
    }

    func testATokenCrossesNoNetworkInTheClear() throws {
        for (address, isSafe) in [("http://wearlink.io", false), ("ftp://wearlink.io", false), ("http://127.0.0.1:8000", true)] {
            let make = { try Uploader(baseURL: URL(string: address)!, userId: UUID(), queue: self.queue(), token: { self.world.token() }) }
            if isSafe { XCTAssertNoThrow(try make()) } else { XCTAssertThrowsError(try make()) }
        }
    }

    func testRetryAfterIsSecondsOrADate() {
        func read(_ text: String) -> TimeInterval? { Answer(status: 429, headers: ["retry-after": text]).retryAfter(now: morning) }
        XCTAssertEqual(read(" 7 "), 7)
        XCTAssertEqual(read("Wed, 15 Apr 2026 06:31:00 GMT"), 60)
        XCTAssertEqual(read("Wed, 15 Apr 2026 06:00:00 GMT"), 0)
        XCTAssertEqual(read(String(repeating: "9", count: 400)), 1_000_000_000)
        for bad in ["", "-1", "soon", "1.5"] { XCTAssertNil(read(bad)) }
    }
}
