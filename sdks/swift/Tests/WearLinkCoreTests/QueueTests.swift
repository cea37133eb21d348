import XCTest
@testable import WearLinkCore

final class QueueTests: XCTestCase {
    private let directory = newDirectory()

    override func tearDown() { try? FileManager.default.removeItem(at: directory) }

    func testBodiesComeBackInOrderAfterTheAppWasKilled() throws {
        for number in 0..<5 { try RetryQueue(directory: directory).add(Data("\(number)".utf8)) }
        let queue = try RetryQueue(directory: directory)
        XCTAssertEqual(try queue.entries().map { String(decoding: try queue.body(of: $0), as: UTF8.self) }, ["0", "1", "2", "3", "4"])
    }

    func testOrderHoldsWithinOneMomentAndWhenTheClockGoesBack() throws {
        let queue = try RetryQueue(directory: directory)
        for number in 0..<4 { try queue.add(Data("\(number)".utf8), now: morning.addingTimeInterval(Double(-number / 2) * 3600)) }
        XCTAssertEqual(try queue.entries().map { String(decoding: try queue.body(of: $0), as: UTF8.self) }, ["0", "1", "2", "3"])
    }

    func testAFullQueueTakesNothingAndLosesNothing() throws {
        let queue = try RetryQueue(directory: directory, maxBytes: 10)
        try queue.add(Data(count: 6))
        XCTAssertThrowsError(try queue.add(Data(count: 5))) { XCTAssertEqual($0 as? QueueError, .full) }
        XCTAssertEqual(queue.count, 1)
        try queue.remove(try XCTUnwrap(queue.entries().first))
        try queue.add(Data(count: 5))
    }

    func testWhatIsPutAsideStopsNothingAndIsBounded() throws {
        let queue = try RetryQueue(directory: directory)
        for number in 0..<25 {
            try queue.add(Data("\(number)".utf8))
            try queue.refuse(try XCTUnwrap(queue.entries().first))
        }
        XCTAssertEqual(queue.count, 0)
        let kept = try queue.refused().map { String(decoding: try queue.body(of: $0), as: UTF8.self) }
        XCTAssertEqual(kept, (5..<25).map(String.init))
    }

    func testForeignAndHalfWrittenFilesAreNoBodies() throws {
        let queue = try RetryQueue(directory: directory)
        try Data().write(to: directory.appendingPathComponent(".DS_Store"))
        try Data("half".utf8).write(to: directory.appendingPathComponent("x.json.gz.tmp"))
        XCTAssertEqual(queue.count, 0)
    }

    func testSigningOutLeavesNothing() throws {
        let queue = try RetryQueue(directory: directory)
        try queue.add(Data(count: 5))
        queue.pausedUntil = morning
        try queue.removeAll()
        XCTAssertEqual(queue.count, 0)
        XCTAssertNil(queue.pausedUntil)
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: directory.path), ["refused"])
    }

    func testAnchorsOutlastTheApp() throws {
        let store = try AnchorStore(directory: directory)
        XCTAssertNil(store.anchor(of: "HKQuantityTypeIdentifierHeartRate"))
        try store.save(Data("mark".utf8), of: "HKQuantityTypeIdentifierHeartRate")
        XCTAssertEqual(try AnchorStore(directory: directory).anchor(of: "HKQuantityTypeIdentifierHeartRate"), Data("mark".utf8))
        XCTAssertNil(store.anchor(of: "HKQuantityTypeIdentifierStepCount"))
        try store.removeAll()
        XCTAssertNil(store.anchor(of: "HKQuantityTypeIdentifierHeartRate"))
    }
}
