import Foundation

/// The body of `POST /sdk/users/{user_id}/sync`.
public struct SyncBody: Codable, Equatable, Sendable {
    public static let sdkVersion = "0.1.0"

    public var provider = "apple"
    public var sdkVersion = SyncBody.sdkVersion
    /// The phone's clock when the body was made.
    public var syncTimestamp: Date
    /// The phone's zone, such as `Europe/Paris`.
    public var timeZone: String?
    public var data: SyncData

    public init(data: SyncData, syncTimestamp: Date, timeZone: String? = nil) {
        self.data = data
        self.syncTimestamp = syncTimestamp
        self.timeZone = timeZone
    }

    /// JSON with times to the millisecond. Throws for a value that is not finite.
    public func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(WireDate.text(date))
        }
        return try encoder.encode(self)
    }

    public static func decoded(from json: Data) throws -> SyncBody {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            guard let date = WireDate.date(try container.decode(String.self)) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "no RFC 3339 time")
            }
            return date
        }
        return try decoder.decode(SyncBody.self, from: json)
    }
}

/// RFC 3339 in UTC, to the millisecond. By hand: a formatter costs thirty times as much, and there are thousands a body.
enum WireDate {
    static func text(_ date: Date) -> String {
        let total = Int64((date.timeIntervalSince1970 * 1000).rounded())
        let (day, inDay) = floorDivide(total, 86_400_000)
        let (year, month, dayOfMonth) = civil(day)
        let (second, milli) = (inDay / 1000, inDay % 1000)
        let clock = "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))"
        let fraction = milli == 0 ? "" : "." + String(1000 + milli).dropFirst()
        return "\(year)-\(two(month))-\(two(dayOfMonth))T\(clock)\(fraction)Z"
    }

    static func date(_ text: String) -> Date? {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime]
        if let date = formatter.date(from: text) { return date }
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        return formatter.date(from: text)
    }

    private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static func floorDivide(_ number: Int64, _ by: Int64) -> (Int64, Int64) {
        let rest = ((number % by) + by) % by
        return ((number - rest) / by, rest)
    }

    /// Year, month and day of a count of days since 1970. Years begin in March here, so that the leap day comes last.
    private static func civil(_ days: Int64) -> (Int64, Int64, Int64) {
        let (era, dayOfEra) = floorDivide(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
}

/// An offset from UTC as the API writes it.
public func zoneOffset(of zone: TimeZone, at date: Date) -> String {
    let minutes = zone.secondsFromGMT(for: date) / 60
    let size = abs(minutes)
    let digits = [size / 60, size % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
    return (minutes < 0 ? "-" : "+") + digits.joined(separator: ":")
}
