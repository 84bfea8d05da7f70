//! The user's own devices: linking, removing, recovering, enrolling anew, signing out.

use std::time::SystemTime;

use tokio::sync::mpsc;
use whimbrel::client::SignOut;
use whimbrel::types::Account;
use whimbrel::{Error, ErrorCode};

use super::{Session, numbered, secret, wrong};
use crate::input::Line;
use crate::show::{self, say};

impl Session {
    /// Commands about the devices of this user.
    pub(super) async fn obey_about_devices(
        &mut self,
        word: &str,
        rest: &str,
        lines: &mut mpsc::Receiver<Line>,
    ) -> Result<(), Error> {
        match word {
            "/link" => self.link().await,
            "/cancel" => self.cancel_link().await,
            "/recover" => self.recover(rest, lines).await,
            "/re-enrol" => self.re_enrol(lines).await,
            "/approve" => self.approve(rest, lines).await,
            "/devices" => self.list_devices().await,
            "/revoke" => {
                let device = numbered(&self.devices, rest, "/devices")?;
                if confirmed("remove this device for good?", lines).await? {
                    self.client.revoke_device(device).await?;
                }
                Ok(())
            }
            "/recovery-code" => self.show_recovery_code().await,
            _ => self.sign_out(rest, lines).await,
        }
    }

    async fn link(&mut self) -> Result<(), Error> {
        let ticket = self.client.link_start().await?;
        say(&format!(
            "  on one of your devices: /approve, then this code\n      {}\n  as a picture: {}",
            ticket.code, ticket.qr
        ));
        say(&format!(
            "  both devices must show the fingerprint {}",
            ticket.fingerprint
        ));
        self.link_expires_ms = Some(ticket.expires_ms);
        self.linking.go_on(&self.client, tell_link);
        Ok(())
    }

    /// Shows that the wait to be linked goes on.
    pub(super) fn tell_progress(&self) {
        let left = self.link_expires_ms.map_or_else(String::new, time_left);
        say(&format!(
            "  waiting for your other device{left}; /cancel gives up"
        ));
    }

    async fn cancel_link(&mut self) -> Result<(), Error> {
        self.client.link_cancel().await?;
        say("  the code is no longer good");
        Ok(())
    }

    async fn approve(&mut self, code: &str, lines: &mut mpsc::Receiver<Line>) -> Result<(), Error> {
        let code = if code.is_empty() {
            secret::ask("the code that the new device shows", lines).await?
        } else {
            code.to_owned()
        };
        let request = self.client.link_inspect(code.as_str()).await?;
        let question = format!(
            "does the new device show the fingerprint {}?",
            request.fingerprint
        );
        if !confirmed(&question, lines).await? {
            self.client.link_refuse(code).await?;
            say("  refused; the code is no longer good");
            return Ok(());
        }
        self.client.link_approve(code).await?;
        say("  approved; /devices shows how far it has come");
        Ok(())
    }

    async fn list_devices(&mut self) -> Result<(), Error> {
        let devices = self.client.devices().await?;
        self.devices = devices.devices.iter().map(|device| device.id).collect();
        for (device, number) in devices.devices.iter().zip(1..) {
            say(&show::device(number, device));
        }
        if devices.conflict {
            say(
                "  ALARM: somebody else has signed another list of your devices with your identity",
            );
        }
        Ok(())
    }

    async fn show_recovery_code(&mut self) -> Result<(), Error> {
        match self.client.recovery_code().await? {
            Some(code) => say(&format!(
                "      {code}\n  keep it on paper: whoever has it and your password is you"
            )),
            None => say("  only the device that made the account knows it"),
        }
        Ok(())
    }

    async fn recover(
        &mut self,
        username: &str,
        lines: &mut mpsc::Receiver<Line>,
    ) -> Result<(), Error> {
        if username.is_empty() {
            return Err(wrong("name the user: /recover NAME"));
        }
        let password = secret::ask("password", lines).await?;
        let code = secret::ask("recovery code, or nothing", lines).await?;
        let code = Some(code).filter(|code| !code.trim().is_empty());
        let question = "all your other devices are removed, and without the code your contacts see \
                        a stranger; go on?";
        if code.is_none() && !confirmed(question, lines).await? {
            return Ok(());
        }
        let account = self.client.recover(username, password, code).await?;
        say(&format!("  signed in as {}", account.username));
        Ok(())
    }

    async fn re_enrol(&mut self, lines: &mut mpsc::Receiver<Line>) -> Result<(), Error> {
        let password = secret::ask("password", lines).await?;
        self.client.re_enrol(password).await?;
        say(
            "  this is a new device of yours now, and your conversations come back one by one; \
             /outbox shows what may not have been sent",
        );
        Ok(())
    }

    async fn sign_out(
        &mut self,
        rest: &str,
        lines: &mut mpsc::Receiver<Line>,
    ) -> Result<(), Error> {
        let how = if rest == "anyway" {
            SignOut::Anyway
        } else {
            SignOut::WhenTold
        };
        if !confirmed("everything on this device is wiped; go on?", lines).await? {
            return Ok(());
        }
        match self.client.sign_out(how).await {
            Err(error) if error.code == ErrorCode::Unavailable => {
                say("  /sign-out anyway wipes it without a word to the server");
                Err(error)
            }
            outcome => {
                // Either way the client is closed.
                self.is_over = true;
                outcome
            }
        }
    }
}

/// Says how a link has ended.
pub(super) fn tell_link(outcome: Result<Account, Error>) {
    match outcome {
        Ok(account) => say(&format!(
            "  * signed in as {}; your conversations come one by one",
            account.username
        )),
        Err(error) => show::complain(&format!("  * not linked: {error}")),
    }
}

/// Asks for a yes.
async fn confirmed(question: &str, lines: &mut mpsc::Receiver<Line>) -> Result<bool, Error> {
    say(&format!("  {question} y/n"));
    match lines.recv().await {
        Some(Line::Text(answer)) => Ok(matches!(answer.trim(), "y" | "Y" | "yes")),
        _ => Ok(false),
    }
}

fn time_left(expires_ms: i64) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now_ms = now.map_or(0, |now| i64::try_from(now.as_millis()).unwrap_or(0));
    let left_s = expires_ms.saturating_sub(now_ms).max(0) / 1000;
    format!(", {}:{:02} left", left_s / 60, left_s % 60)
}
