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
            .onChange(of: scenePhase) { _, phase in
                session.lifecycle?.move(toForeground: phase != .background)
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
    private(set) var lifecycle: AppLifecycle?
    private var client: (any ChatClient)?

    func open() async {
        guard client == nil else { return refresh() }
        do {
            let options = try ClientOptions.keptOutOfBackups(
                folder: Shared.dataFolder, server: Shared.server,
                pinnedFingerprint: Shared.fingerprint)
            let client = try await WhimbrelClient.open(
                options, keyStore: Shared.keyStore, logSink: SystemLog(subsystem: Shared.name))
            self.client = client
            lifecycle = AppLifecycle(client: client)
            lifecycle?.move(toForeground: true)
            refresh()
        } catch {
            state = .failed(error.localizedDescription)
        }
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
