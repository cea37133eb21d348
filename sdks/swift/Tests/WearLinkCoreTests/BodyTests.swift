import XCTest
@testable import WearLinkCore

final class BodyTests: XCTestCase {
    /// The server's own tests post the same files and look what became of them.
    func testBodiesAreWhatTheServerIsKnownToTake() throws {
        for (name, body) in [("every_type", everyType()), ("night_and_run", nightAndRun())] {
            let written = try body.encoded()
            XCTAssertEqual(String(decoding: written, as: UTF8.self), String(decoding: try fixture(name), as: UTF8.self), name)
            XCTAssertEqual(try SyncBody.decoded(from: written), body)
        }
    }

    func testBatchesHoldEveryItemOnceAndNoMoreThanTheirSize() {
        var data = everyType().data
        data.sleep = nightAndRun().data.sleep
        data.workouts = nightAndRun().data.workouts
        for size in [1, 2, 7, 1000] {
            let batches = data.batches(of: size)
            XCTAssertTrue(batches.dropLast().allSatisfy { $0.count == size })
            XCTAssertTrue((1...size).contains(batches.last!.count))
            XCTAssertEqual(batches.flatMap(\.records), data.records)
            XCTAssertEqual(batches.flatMap(\.sleep), data.sleep)
            XCTAssertEqual(batches.flatMap(\.workouts), data.workouts)
        }
        XCTAssertEqual(SyncData().batches(of: 5), [])
        XCTAssertEqual(SyncData(records: heartRates(2500)).batches(of: 1000).map(\.count), [1000, 1000, 500])
    }

    func testTimesAreRFC3339ToTheMillisecond() {
        let cases: [(Double, String)] = [
            (0, "1970-01-01T00:00:00Z"), (1_776_234_600, "2026-04-15T06:30:00Z"), (951_782_399.5, "2000-02-28T23:59:59.500Z"),
            (951_782_400, "2000-02-29T00:00:00Z"), (4_107_542_400, "2100-03-01T00:00:00Z"), (-0.001, "1969-12-31T23:59:59.999Z"),
            (1_776_234_600.0004, "2026-04-15T06:30:00Z"), (1_776_234_600.007, "2026-04-15T06:30:00.007Z"),
        ]
        for (seconds, text) in cases { XCTAssertEqual(WireDate.text(Date(timeIntervalSince1970: seconds)), text) }
        for day in stride(from: -200_000, to: 200_000, by: 97) {
            let date = Date(timeIntervalSince1970: Double(day) * 43_200)
            XCTAssertEqual(WireDate.date(WireDate.text(date)), date)
        }
    }

    func testOffsetsAreOfTheMoment() throws {
        let paris = try XCTUnwrap(TimeZone(identifier: "Europe/Paris"))
        XCTAssertEqual(zoneOffset(of: paris, at: morning), "+02:00")
        XCTAssertEqual(zoneOffset(of: paris, at: morning.addingTimeInterval(-90 * 86_400)), "+01:00")
        XCTAssertEqual(zoneOffset(of: try XCTUnwrap(TimeZone(identifier: "Asia/Kolkata")), at: morning), "+05:30")
        XCTAssertEqual(zoneOffset(of: try XCTUnwrap(TimeZone(secondsFromGMT: -12_600)), at: morning), "-03:30")
    }

    func testAFigureThatIsNoneIsNotSent() {
        var body = everyType()
        body.data.records[0].value = .nan
        XCTAssertThrowsError(try body.encoded())
    }

    func testNamesOfHealthKitAreKnown() {
        XCTAssertEqual((0...6).map { SyncSleepStage.Stage(healthKit: $0).rawValue }, [
            "in_bed", "sleeping", "awake", "asleep_light", "asleep_deep", "asleep_rem", "unknown",
        ])
        XCTAssertEqual(WorkoutTypes.code(ofActivity: 13), "cycling")
        XCTAssertEqual(WorkoutTypes.code(ofActivity: 9999), "other")
        XCTAssertTrue(HealthTypes.usual.isSubset(of: HealthTypes.all))
        XCTAssertEqual(Set(figures.keys), Set(QuantityUnit.allCases))
    }

    func testGzipIsReadBackAndSavesMostOfABody() throws {
        let body = try SyncBody(data: SyncData(records: heartRates(1000)), syncTimestamp: morning).encoded()
        let packed = try gzip(body)
        XCTAssertEqual(packed.prefix(2), Data([0x1f, 0x8b]))
        XCTAssertLessThan(packed.count * 10, body.count)
        XCTAssertEqual(try gunzip(packed), body)
        XCTAssertEqual(try gunzip(gzip(Data())), Data())
        XCTAssertThrowsError(try gunzip(packed.prefix(packed.count / 2)))
        XCTAssertThrowsError(try gunzip(Data("no gzip".utf8)))
        XCTAssertThrowsError(try gunzip(gzip(Data(count: 1 << 20)), limit: 1000))
    }
}
