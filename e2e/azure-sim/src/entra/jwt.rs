//! JSON Web Tokens (RFC 7519) signed with RSA (RFC 7518, RS256 and PS256).

use std::time::Duration;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents,
};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

/// The directory's key.
pub struct Keys {
    pair: KeyPair,
    id: String,
    public: Value,
}

/// Modulus and exponent of a public key, without leading zeros.
fn numbers(info: &SubjectPublicKeyInfo<'_>) -> Option<(Vec<u8>, Vec<u8>)> {
    let PublicKey::RSA(key) = info.parsed().ok()? else {
        return None;
    };
    let bare = |number: &[u8]| {
        number
            .iter()
            .copied()
            .skip_while(|byte| *byte == 0)
            .collect()
    };
    Some((bare(key.modulus), bare(key.exponent)))
}

/// No key can be made.
#[derive(Debug, thiserror::Error)]
#[error("making the directory's RSA key failed")]
pub struct KeyError;

/// A token whose signature has not been looked at.
pub(super) struct Token {
    pub header: Value,
    pub claims: Value,
    signed: String,
    signature: Vec<u8>,
}

impl Keys {
    /// A new one of 2048 bits.
    pub fn new() -> Result<Keys, KeyError> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError)?;
        let der: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(|_| KeyError)?;
        let id = BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(der.as_ref())[..20]);
        let (_, info) = SubjectPublicKeyInfo::from_der(der.as_ref()).map_err(|_| KeyError)?;
        let (n, e) = numbers(&info).ok_or(KeyError)?;
        let public = json!({ "keys": [{
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": id, "x5t": id,
            "n": BASE64_URL_SAFE_NO_PAD.encode(n), "e": BASE64_URL_SAFE_NO_PAD.encode(e),
        }] });
        Ok(Keys { pair, id, public })
    }

    /// As a JWKS document.
    pub fn public(&self) -> Value {
        self.public.clone()
    }

    /// A token with these claims.
    pub fn sign(&self, claims: &Value) -> String {
        let header = json!({ "typ": "JWT", "alg": "RS256", "kid": self.id, "x5t": self.id });
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(claims));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        // Fails only for a buffer of another length.
        if self
            .pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                signed.as_bytes(),
                &mut signature,
            )
            .is_err()
        {
            signature.clear();
        }
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}

impl Token {
    pub fn parse(text: &str) -> Option<Token> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let part =
            |text: &str| serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok();
        Some(Token {
            header: part(header)?,
            claims: part(claims)?,
            signed: signed.to_owned(),
            signature: BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }

    /// Whether one of the keys of a JWKS document signed it.
    pub fn is_signed_by(&self, keys: &Value) -> bool {
        let number =
            |key: &Value, name: &str| BASE64_URL_SAFE_NO_PAD.decode(key[name].as_str()?).ok();
        keys["keys"].as_array().into_iter().flatten().any(|key| {
            match (number(key, "n"), number(key, "e")) {
                (Some(n), Some(e)) => self.is_signed_with(&n, &e),
                _ => false,
            }
        })
    }

    /// Whether the key of a certificate (PEM) signed it.
    pub fn is_signed_by_certificate(&self, pem: &str) -> bool {
        let Ok((_, pem)) = x509_parser::pem::parse_x509_pem(pem.as_bytes()) else {
            return false;
        };
        let Ok(certificate) = pem.parse_x509() else {
            return false;
        };
        numbers(certificate.public_key()).is_some_and(|(n, e)| self.is_signed_with(&n, &e))
    }

    fn is_signed_with(&self, n: &[u8], e: &[u8]) -> bool {
        let algorithm = match self.header["alg"].as_str() {
            Some("RS256") => &RSA_PKCS1_2048_8192_SHA256,
            Some("PS256") => &RSA_PSS_2048_8192_SHA256,
            _ => return false,
        };
        let key = RsaPublicKeyComponents { n, e };
        key.verify(algorithm, self.signed.as_bytes(), &self.signature)
            .is_ok()
    }

    pub fn claim(&self, name: &str) -> &str {
        self.claims[name].as_str().unwrap_or_default()
    }

    /// Whether it has not ended before a moment, in seconds since 1970. MSAL for Python writes a fraction too.
    pub fn is_alive(&self, now: i64) -> bool {
        let seconds = |end: f64| Duration::try_from_secs_f64(end).ok();
        let end = self.claims["exp"].as_f64().and_then(seconds);
        end.is_some_and(|end| u64::try_from(now).is_ok_and(|now| now < end.as_secs()))
    }
}
