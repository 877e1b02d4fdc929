#include "net/net_digest.h"

#include <openssl/evp.h>

bool
net_digest(struct str bytes, unsigned char out[NET_DIGEST_BYTES])
{
	unsigned len = 0;

	return EVP_Digest(
	           bytes.ptr, bytes.len, out, &len, EVP_sha256(), NULL) == 1 &&
	       len == NET_DIGEST_BYTES;
}
