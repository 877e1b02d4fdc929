#ifndef SSL_UTIL_OWN_H
#define SSL_UTIL_OWN_H
/* What of OpenSSL is given back at the end of a scope: for CLEANUP. */
#include <openssl/bio.h>
#include <openssl/x509.h>

void own_bio_free(BIO **bio);
void own_cert_free(X509 **cert);
void own_certs_free(STACK_OF(X509) * *certs); /* with what is in it */
void own_request_free(X509_REQ **request);
void own_extensions_free(STACK_OF(X509_EXTENSION) * *list);
void own_crl_free(X509_CRL **crl);

#endif
