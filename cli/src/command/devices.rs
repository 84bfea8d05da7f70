//! Commands about the user's own devices: linking, removing, recovering, enrolling anew, signing
//! out.

use serde_json::{Value, json};
use whimbrel::client::SignOut;
use whimbrel::types::{DeviceId, LinkRequest, LinkTicket};
use whimbrel::{Client, Error};

use super::{Command, invalid};
use crate::shape;

/// Does what is asked for and gives the `result` of the answer.
pub(super) async fn execute(client: &Client, command: Command) -> Result<Value, Error> {
    match command {
        // How it ends is an event: whoever reads the lines waits for it.
        Command::Link {} => Ok(ticket(&client.link_start().await?)),
        Command::CancelLink {} => {
            client.link_cancel().await?;
            Ok(Value::Null)
        }
        Command::LinkInspect { code } => Ok(request(&client.link_inspect(code.0).await?)),
        Command::Approve { code } => {
            let device = client.link_approve(code.0).await?;
            Ok(json!({ "device": device.to_string() }))
        }
        Command::Refuse { code } => {
            client.link_refuse(code.0).await?;
            Ok(Value::Null)
        }
        Command::Devices {} => Ok(shape::devices(&client.devices().await?)),
        Command::Revoke { device } => {
            client.revoke_device(device_id(&device)?).await?;
            Ok(Value::Null)
        }
        Command::RecoveryCode {} => Ok(json!({ "code": client.recovery_code().await? })),
        Command::Recover {
            username,
            password,
            code,
        } => {
            let code = code.map(|code| code.0);
            let account = client.recover(username, password.0, code).await?;
            Ok(shape::account(&account))
        }
        Command::ReEnrol { password } => {
            let account = client.re_enrol(password.0).await?;
            Ok(shape::account(&account))
        }
        Command::SignOut { force } => {
            let how = if force {
                SignOut::Anyway
            } else {
                SignOut::WhenTold
            };
            client.sign_out(how).await?;
            Ok(Value::Null)
        }
        _ => Err(invalid("this command is about something else")),
    }
}

fn ticket(ticket: &LinkTicket) -> Value {
    json!({
        "code": ticket.code,
        "qr": ticket.qr,
        "fingerprint": ticket.fingerprint,
        "expires_ms": ticket.expires_ms,
    })
}

fn request(request: &LinkRequest) -> Value {
    json!({
        "device": request.device.to_string(),
        "fingerprint": request.fingerprint,
        "expires_ms": request.expires_ms,
    })
}

fn device_id(text: &str) -> Result<DeviceId, Error> {
    text.parse()
        .map_err(|_| invalid("a device is 32 hexadecimal digits"))
}
