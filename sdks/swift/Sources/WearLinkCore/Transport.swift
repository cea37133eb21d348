import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// One whole answer. Header names are in lower case.
public struct Answer: Sendable {
    public var status: Int
    public var headers: [String: String]
    public var body: Data

    public init(status: Int, headers: [String: String] = [:], body: Data = Data()) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The id to name when you contact support.
    public var requestId: String? { headers["x-request-id"] }

    /// The stable word for programs, such as `user_not_found`.
    public var code: String? {
        let fields = (try? JSONSerialization.jsonObject(with: body)) as? [String: Any]
        return fields?["code"] as? String
    }

    /// Seconds that the server asks to wait, from seconds or a date (RFC 9110, 10.2.3).
    public func retryAfter(now: Date) -> TimeInterval? {
        guard let text = headers["retry-after"]?.trimmingCharacters(in: .whitespaces), !text.isEmpty else { return nil }
        if text.utf8.allSatisfy({ (48...57).contains($0) }) { return min(Double(text) ?? 0, 1_000_000_000) }
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        return formatter.date(from: text).map { max(0, $0.timeIntervalSince(now)) }
    }
}

/// Sends requests; an answer of whatever status is a result, none is an error.
public protocol Transport: Sendable {
    func send(_ request: URLRequest) async throws -> Answer
}

/// Sends by URLSession.
public final class SessionTransport: NSObject, Transport, URLSessionTaskDelegate, @unchecked Sendable {
    private var session: URLSession!

    /// - Parameter timeout: for a whole answer, in seconds
    public init(timeout: TimeInterval = 60) {
        super.init()
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = timeout
        configuration.timeoutIntervalForResource = timeout
        configuration.urlCache = nil
        session = URLSession(configuration: configuration, delegate: self, delegateQueue: nil)
    }

    public func send(_ request: URLRequest) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            let task = session.dataTask(with: request) { data, response, error in
                guard let response = response as? HTTPURLResponse else {
                    continuation.resume(throwing: error ?? URLError(.badServerResponse))
                    return
                }
                if let error {
                    continuation.resume(throwing: error)
                    return
                }
                var headers: [String: String] = [:]
                for (name, value) in response.allHeaderFields {
                    headers["\(name)".lowercased()] = "\(value)"
                }
                continuation.resume(returning: Answer(status: response.statusCode, headers: headers, body: data ?? Data()))
            }
            task.resume()
        }
    }

    /// A token goes nowhere but where the app said.
    public func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }
}
