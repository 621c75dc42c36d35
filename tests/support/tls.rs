//! Certificates that the tests make themselves: authorities that sign for servers and clients.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};

/// Somebody whose word a client may take.
#[derive(Debug)]
pub struct Authority {
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate with its key, both in PEM.
#[derive(Debug, Clone)]
pub struct Identity {
    /// What is shown to others.
    pub certificate: String,
    /// What is shown to nobody.
    pub key: String,
}

impl Authority {
    /// A new one. Two of the same name have nothing to do with each other.
    pub fn new(name: &str) -> Self {
        let mut params = params(&[]);
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        Self {
            certificate,
            issuer: Issuer::new(params, key),
        }
    }

    /// Its certificate in PEM, which clients are given as `sslrootcert` or `ssl-ca`.
    pub fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// A server of these names and addresses.
    pub fn server(&self, names: &[&str]) -> Identity {
        self.sign(params(names), names, ExtendedKeyUsagePurpose::ServerAuth)
    }

    /// The same, whose certificate was good until the end of 2020.
    pub fn expired_server(&self, names: &[&str]) -> Identity {
        let mut params = params(names);
        (params.not_before, params.not_after) = (date_time_ymd(2019, 1, 1), date_time_ymd(2020, 12, 31));
        self.sign(params, names, ExtendedKeyUsagePurpose::ServerAuth)
    }

    /// A client, whom `cert` of `pg_hba.conf` takes for the database's user of that name.
    pub fn client(&self, user: &str) -> Identity {
        self.sign(params(&[]), &[user], ExtendedKeyUsagePurpose::ClientAuth)
    }

    fn sign(&self, mut params: CertificateParams, names: &[&str], purpose: ExtendedKeyUsagePurpose) -> Identity {
        params.distinguished_name.push(DnType::CommonName, names[0]);
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![purpose];
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        Identity {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        }
    }
}

impl Identity {
    /// Writes `NAME.crt` and `NAME.key` into a folder; the key is its owner's alone, as servers demand.
    pub fn write(&self, folder: &Path, name: &str) -> (PathBuf, PathBuf) {
        let (certificate, key) = (folder.join(format!("{name}.crt")), folder.join(format!("{name}.key")));
        std::fs::write(&certificate, &self.certificate).expect("a file");
        let mut options = std::fs::OpenOptions::new();
        let file = options.write(true).create(true).truncate(true).mode(0o600).open(&key);
        std::io::Write::write_all(&mut file.expect("a file"), self.key.as_bytes()).expect("a file");
        (certificate, key)
    }
}

/// Good for the whole life of these tests; a name that is an address becomes one in the certificate too.
fn params(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("names");
    params.distinguished_name = rcgen::DistinguishedName::new();
    (params.not_before, params.not_after) = (date_time_ymd(2024, 1, 1), date_time_ymd(2124, 1, 1));
    params
}
