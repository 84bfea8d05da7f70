import SwiftUI
import Whimbrel

@main
struct ChatSampleApp: App {
    @Environment(\.scenePhase) private var scenePhase
    @State private var session = Session()

    var body: some Scene {
        WindowGroup {
            Group {
                switch session.state {
                case .opening:
                    ProgressView()
                case .failed(let text):
                    ContentUnavailableView(
                        "Can't open", systemImage: "exclamationmark.triangle",
                        description: Text(text))
                case .signedOut(let client):
                    SignInView(client: client) { session.refresh() }
                case .signedIn(let client):
                    ConversationListView(client: client)
                }
            }
            .task { await session.open() }
            .onChange(of: scenePhase, initial: true) { _, phase in
                session.move(toForeground: phase != .background)
            }
        }
    }
}

/// The one client of the app.
@MainActor
@Observable
final class Session {
    enum State {
        case opening
        case failed(String)
        case signedOut(any ChatClient)
        case signedIn(any ChatClient)
    }

    private(set) var state = State.opening
    private var lifecycle: AppLifecycle?
    private var client: (any ChatClient)?
    private var isOpening = false
    private var isInForeground = true

    /// Opens the client, which all windows share.
    func open() async {
        guard client == nil else { return refresh() }
        guard !isOpening else { return }
        isOpening = true
        defer { isOpening = false }
        do {
            let options = try ClientOptions.keptOutOfBackups(
                folder: Shared.dataFolder, server: Shared.server,
                pinnedFingerprint: Shared.fingerprint)
            let client = try await WhimbrelClient.open(
                options, keyStore: Shared.keyStore, logSink: SystemLog(subsystem: Shared.name))
            self.client = client
            lifecycle = AppLifecycle(client: client)
            // The app may have gone to the background meanwhile.
            lifecycle?.move(toForeground: isInForeground)
            refresh()
        } catch {
            state = .failed(error.localizedDescription)
        }
    }

    func move(toForeground: Bool) {
        isInForeground = toForeground
        lifecycle?.move(toForeground: toForeground)
    }

    func refresh() {
        guard let client else { return }
        do {
            state = try client.account() == nil ? .signedOut(client) : .signedIn(client)
        } catch {
            state = .failed(error.localizedDescription)
        }
    }
}
