#include "own.h"

void
own_bio_free(BIO **bio)
{
	BIO_free_all(*bio);
	*bio = NULL;
}

void
own_cert_free(X509 **cert)
{
	X509_free(*cert);
	*cert = NULL;
}

void
own_certs_free(STACK_OF(X509) * *certs)
{
	sk_X509_pop_free(*certs, X509_free);
	*certs = NULL;
}

void
own_request_free(X509_REQ **request)
{
	X509_REQ_free(*request);
	*request = NULL;
}

void
own_extensions_free(STACK_OF(X509_EXTENSION) * *list)
{
	sk_X509_EXTENSION_pop_free(*list, X509_EXTENSION_free);
	*list = NULL;
}

void
own_crl_free(X509_CRL **crl)
{
	X509_CRL_free(*crl);
	*crl = NULL;
}
