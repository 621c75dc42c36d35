//! nginx before a server, with nothing but `proxy_pass`.

use std::path::PathBuf;
use std::process::Child;

use crate::Missing;
use crate::process::{find_program, free_port, start};

/// Runs nginx until the end of standard input. `$1` its folder, `$2` the program, `$3` its port, `$4` the server's.
const SCRIPT: &str = r#"
exec 3<&0
cat >"$1/nginx.conf" <<END
daemon off;
worker_processes 1;
pid $1/nginx.pid;
error_log $1/error.log;
events {}
http {
  access_log off;
  client_body_temp_path $1/body;
  proxy_temp_path $1/proxy;
  fastcgi_temp_path $1/fastcgi;
  uwsgi_temp_path $1/uwsgi;
  scgi_temp_path $1/scgi;
  server {
    listen 127.0.0.1:$3;
    location / { proxy_pass http://127.0.0.1:$4; }
    location /below/ { proxy_pass http://127.0.0.1:$4/; }
  }
}
END
"$2" -e "$1/error.log" -p "$1" -c "$1/nginx.conf" >&2 </dev/null &
server=$!
until [ -s "$1/nginx.pid" ]; do kill -0 $server 2>/dev/null || { cat "$1/error.log" >&2; exit 1; }; done
echo ready
cat <&3 >/dev/null
kill -KILL $(cat "$1/nginx.pid") 2>/dev/null
kill -KILL $server 2>/dev/null
wait $server 2>/dev/null
rm -rf "$1"
"#;

/// A proxy that ends with this value.
#[derive(Debug)]
pub struct Nginx {
    /// `http://127.0.0.1:PORT`; the server is also below `/below/`.
    pub base: String,
    _script: Child,
}

impl Nginx {
    /// Starts one before a server on this machine, if it is installed.
    pub fn before(port: u16) -> Option<Self> {
        let folders = [PathBuf::from("/usr/sbin")];
        let Some(program) = find_program(&["nginx"], &folders) else {
            Missing {
                service: "nginx",
                install: "apt-get install nginx-light",
            }
            .skip_or_panic();
            return None;
        };
        let folder = tempfile::Builder::new()
            .prefix("nginx-")
            .tempdir()
            .expect("a temporary folder")
            .keep();
        let own = free_port().to_string();
        let (path, program) = (folder.to_string_lossy(), program.to_string_lossy());
        let script = start(SCRIPT, &[&path, &program, &own, &port.to_string()], &folder);
        Some(Self {
            base: format!("http://127.0.0.1:{own}"),
            _script: script,
        })
    }
}
