import SwiftUI
import Whimbrel

/// A conversation: its messages with how far they have come, and a line to write.
struct ConversationView: View {
    let client: any ChatClient

    @State private var model: ConversationModel
    @State private var text = ""
    @State private var failure: String?

    init(client: any ChatClient, conversation: String) {
        self.client = client
        _model = State(
            initialValue: ConversationModel(client: client, conversation: conversation))
    }

    var body: some View {
        VStack(spacing: 0) {
            messages
            if let failure { Text(failure).font(.footnote).foregroundStyle(.red) }
            if let blocked = model.conversation?.blocked {
                Text("Nothing is sent: \(blocked)").font(.footnote).foregroundStyle(.red)
            }
            HStack {
                TextField("Message", text: $text, axis: .vertical)
                Button("Send", systemImage: "paperplane.fill") { send() }
                    .disabled(text.isEmpty)
            }
            .padding()
        }
        .navigationTitle(model.conversation?.name ?? "")
        .toolbar {
            if let peer = model.conversation?.peer {
                NavigationLink("Safety number") { SafetyNumberView(client: client, user: peer) }
            }
        }
        .task { await model.run() }
        .task { try? await client.focus(on: model.id) }
        .onDisappear { Task { try? await client.focus(on: nil) } }
        .onChange(of: model.messages.last?.id) { Task { try? await model.markRead() } }
    }

    private var messages: some View {
        ScrollView {
            LazyVStack(alignment: .leading, spacing: 8) {
                if model.hasOlder {
                    Button("Older") { Task { try? await model.loadOlder() } }
                }
                ForEach(model.messages) { message in
                    MessageRow(message: message, author: author(of: message))
                        .contextMenu { menu(message) }
                }
            }
            .padding()
        }
        .defaultScrollAnchor(.bottom)
    }

    @ViewBuilder private func menu(_ message: Message) -> some View {
        if message.delivery == .failed {
            Button("Try again") { run { try await client.retry(message.id) } }
            Button("Discard") { run { try await client.discard(message.id) } }
        } else if message.sender == (try? client.account())?.user {
            Button("Take back") { run { try await client.delete(message.id, in: model.id) } }
        }
    }

    private func author(of message: Message) -> String {
        model.members.first { $0.user == message.sender }?.username ?? "Somebody"
    }

    private func send() {
        let written = text
        text = ""
        run { try await model.send(written) }
    }

    private func run(_ work: @escaping @MainActor () async throws -> Void) {
        Task { @MainActor in
            do {
                failure = nil
                try await work()
            } catch {
                failure = error.localizedDescription
            }
        }
    }
}

/// One row of a conversation.
struct MessageRow: View {
    let message: Message
    let author: String

    var body: some View {
        switch message.content {
        case .text(let text, let edited):
            VStack(alignment: .leading) {
                Text(author).font(.caption).bold()
                Text(text)
                HStack {
                    Text(message.composed, style: .time)
                    if edited { Text("edited") }
                    Image(systemName: symbol).accessibilityLabel("\(message.delivery)")
                }
                .font(.caption2)
                .foregroundStyle(.secondary)
            }
        default:
            Text(event).font(.footnote).foregroundStyle(.secondary)
        }
    }

    private var symbol: String {
        switch message.delivery {
        case .queued: "clock"
        case .failed: "exclamationmark.circle"
        case .sent: "checkmark"
        case .delivered: "checkmark.circle"
        case .read: "checkmark.circle.fill"
        }
    }

    private var event: String {
        switch message.content {
        case .deleted: "\(author) took a message back"
        case .created: "\(author) began the conversation"
        case .added: "\(author) added somebody"
        case .removed: "\(author) removed somebody"
        case .renamed(let name): "\(author) named it \(name)"
        case .left: "\(author) has left"
        case .identityChanged: "A safety number has changed"
        case .missed: "Messages were missed here"
        case .unreadable: "A message that can't be read"
        case .unsupported: "A message that a newer version can show"
        default: "Something has changed"
        }
    }
}
