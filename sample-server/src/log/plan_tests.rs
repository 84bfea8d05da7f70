//! Every hot query finds its rows by an index.

#![allow(clippy::unwrap_used, reason = "tests")]

use super::{
    LogOptions, accounts, append, inbox, key_packages, manifests, members, open, reading, refresh,
    voiding, waiting,
};
use crate::Now;

/// The queries, and whether they may sort what they found.
const QUERIES: &[(&str, bool)] = &[
    (append::KNOWN, false),
    (append::COUNTER, false),
    (members::POSITION, false),
    (members::STAYS, false),
    (members::PRESENT, false),
    (members::USER_PRESENT, false),
    (reading::SEALED_NO, false),
    (reading::HEADS, false),
    (reading::ENVELOPES, false),
    // A few rows per conversation, grouped by user.
    (reading::MARKS, true),
    (reading::DELIVERED, false),
    (inbox::HEAD, false),
    (inbox::ITEMS, false),
    (inbox::SUPERSEDE_WAITING, false),
    (inbox::SUPERSEDE_MANIFEST, false),
    (inbox::TRIM, false),
    (inbox::TREE, false),
    (inbox::DROP_ADMISSION, false),
    (key_packages::COUNT, false),
    (key_packages::OLDEST, false),
    (accounts::BY_USERNAME, false),
    (accounts::DEVICES, false),
    (accounts::DEVICE_OF, false),
    (accounts::MANIFEST, false),
    (accounts::REVOKED, false),
    (manifests::STORED, false),
    // Once per change of a manifest, each device once.
    (manifests::SHARERS, true),
    (manifests::CONVERSATIONS, false),
    (refresh::PRESENTED, false),
    (refresh::HAS_STARTED, false),
    (refresh::END_ALL, false),
    (voiding::CONFIRM, false),
    // At most a few unconfirmed commits, each with the rejections of its members.
    (voiding::DISPUTED, true),
    (waiting::ASKED, false),
    (waiting::CANDIDATES, false),
    (waiting::DUE, false),
];

#[test]
fn hot_queries_use_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let options = LogOptions {
        path: folder.path().join("log.db"),
        vfs: None,
    };
    let now = Now {
        mono_ms: 0,
        wall_ms: 0,
    };
    let (connection, _) = open::open(&options, now).unwrap();
    for (query, may_sort) in QUERIES {
        let mut statement = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {query}"))
            .unwrap();
        // Parameters do not change a plan; unbound ones are NULL.
        let mut rows = statement.raw_query();
        let mut plan: Vec<String> = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            plan.push(row.get("detail").unwrap());
        }
        let scans = |step: &String| step.starts_with("SCAN") && step != "SCAN CONSTANT ROW";
        let sorts = |step: &String| step.contains("TEMP B-TREE");
        assert!(!plan.iter().any(scans), "{query}\n{plan:#?}");
        assert!(*may_sort || !plan.iter().any(sorts), "{query}\n{plan:#?}");
        assert!(
            plan.iter().any(|step| step.starts_with("SEARCH")),
            "{query}\n{plan:#?}"
        );
    }
}
