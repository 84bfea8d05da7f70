import SwiftUI
import Whimbrel

/// The conversations, what the connection does, and a way to begin another.
struct ConversationListView: View {
    let client: any ChatClient

    @State private var model: ConversationListModel
    @State private var peer = ""
    @State private var isAsking = false
    @State private var failure: String?

    init(client: any ChatClient) {
        self.client = client
        _model = State(initialValue: ConversationListModel(client: client))
    }

    var body: some View {
        NavigationStack {
            List(model.conversations) { conversation in
                NavigationLink(value: conversation.id) { row(conversation) }
            }
            .navigationTitle(model.state?.account?.username ?? "Chat")
            .navigationDestination(for: String.self) { id in
                ConversationView(client: client, conversation: id)
            }
            .safeAreaInset(edge: .bottom) { banner }
            .toolbar {
                Button("New", systemImage: "square.and.pencil") { isAsking = true }
                NavigationLink("Devices") { DevicesView(client: client) }
            }
            .alert("With whom?", isPresented: $isAsking) {
                TextField("Name", text: $peer)
                Button("Begin") { begin() }
            }
            .alert("That did not work", isPresented: .constant(failure != nil)) {
                Button("OK") { failure = nil }
            } message: {
                Text(failure ?? "")
            }
        }
        .task { await model.run() }
    }

    private func row(_ conversation: Conversation) -> some View {
        LabeledContent {
            if conversation.unread > 0 { Text("\(conversation.unread)").bold() }
        } label: {
            Text(conversation.name)
            Text(conversation.lastMessage?.text ?? "").lineLimit(1)
        }
    }

    @ViewBuilder private var banner: some View {
        if let state = model.state, state.connection != .live || state.queued > 0 {
            Text(state.queued > 0 ? "\(state.queued) waiting to be sent" : "Connecting…")
                .padding(8)
                .background(.thinMaterial, in: .capsule)
        }
    }

    private func begin() {
        Task {
            do {
                _ = try await client.createDirect(with: .username(username: peer))
            } catch {
                failure = error.localizedDescription
            }
        }
    }
}
