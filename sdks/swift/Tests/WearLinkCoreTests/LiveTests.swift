import XCTest
@testable import WearLinkCore

/// Against a running server, where the environment names one; the platform's own tests do.
final class LiveTests: XCTestCase {
    func testAServerTakesWhatWeSend() async throws {
        let given = ProcessInfo.processInfo.environment
        guard let base = given["WEARLINK_URL"], let user = given["WEARLINK_USER"], let token = given["WEARLINK_TOKEN"] else { return }
        let directory = newDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let queue = try RetryQueue(directory: directory)
        let uploader = try Uploader(
            baseURL: try XCTUnwrap(URL(string: base)), userId: try XCTUnwrap(UUID(uuidString: user)), queue: queue,
            token: { AccessToken(value: token, expiresIn: 3600) })
        try await uploader.add(SyncData(records: heartRates(2500)), timeZone: TimeZone(identifier: "Europe/Paris"))
        try await uploader.add(nightAndRun().data, timeZone: TimeZone(identifier: "Europe/Paris"))
        let result = try await uploader.flush()
        XCTAssertEqual(result, FlushResult(sent: 4))

        let refused = try Uploader(
            baseURL: URL(string: base)!, userId: UUID(uuidString: user)!, queue: queue,
            token: { AccessToken(value: "wrong", expiresIn: 3600) })
        try await refused.add(SyncData(records: heartRates(1)))
        do {
            _ = try await refused.flush()
            XCTFail("a wrong token was taken")
        } catch {
            guard case .unauthorized(let requestId)? = error as? SyncError else { return XCTFail("\(error)") }
            XCTAssertNotNil(requestId)
        }
    }

    func testNobodyListensAndNothingIsLost() async throws {
        let directory = newDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let queue = try RetryQueue(directory: directory)
        let uploader = try Uploader(
            baseURL: URL(string: "http://127.0.0.1:9")!, userId: UUID(), queue: queue,
            token: { AccessToken(value: "any", expiresIn: 3600) })
        try await uploader.add(SyncData(records: heartRates(1)))
        let result = try await uploader.flush()
        XCTAssertEqual(result.left, 1)
        XCTAssertNotNil(result.retryAt)
    }
}
