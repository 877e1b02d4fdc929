#include "net/net_fips.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include "net/net_policy.h"

static enum err_code
refuse(struct err *err)
{
	const char *folder = OPENSSL_info(OPENSSL_INFO_MODULES_DIR);
	const unsigned long first = ERR_peek_error();
	const bool is_absent = ERR_GET_LIB(first) == ERR_LIB_DSO;
	char reason[128];

	net_policy_reason(reason, sizeof(reason));
	if (folder == NULL)
		folder = "OpenSSL's module folder";
	if (is_absent)
		return err_sayf(err, ERR_CONFIG,
		    "FIPS=1 needs OpenSSL's FIPS provider (fips.so), which is "
		    "not installed, or cannot be loaded, in %s. Install it, or "
		    "set FIPS=0.",
		    folder);
	return err_sayf(err, ERR_CONFIG,
	    "FIPS=1: OpenSSL's FIPS provider (fips.so) does not start: %s. Run "
	    "openssl fipsinstall, or set FIPS=0.",
	    reason);
}

enum err_code
net_fips_start(struct err *err)
{
	OSSL_PROVIDER *fips = NULL;
	OSSL_PROVIDER *base = NULL;

	if (net_fips_is_on())
		return ERR_OK;
	ERR_clear_error();
	/* "try", so that the default provider is still there afterwards. */
	fips = OSSL_PROVIDER_try_load(NULL, "fips", 1);
	if (fips == NULL)
		return refuse(err);
	base = OSSL_PROVIDER_try_load(NULL, "base", 1);
	if (base == NULL || EVP_default_properties_enable_fips(NULL, 1) != 1) {
		(void)OSSL_PROVIDER_unload(base);
		(void)OSSL_PROVIDER_unload(fips);
		return refuse(err);
	}
	/* Both stay loaded as long as the process lives. */
	return ERR_OK;
}

bool
net_fips_is_on(void)
{
	return EVP_default_properties_is_fips_enabled(NULL) == 1;
}
