#include "idn.h"

#include <idn2.h>

static bool
is_ascii(struct str name)
{
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.ptr[i] >= 0x80)
			return false;
	return true;
}

enum err_code
idn_to_ascii(struct str name, char out[IDN_BYTES], struct err *err)
{
	char text[IDN_BYTES];
	char *ascii = NULL;
	bool has_star = str_starts(name, STR("*."));
	struct str rest = has_star ? str_slice(name, 2, name.len) : name;

	if (name.len >= IDN_BYTES || str_find_byte(name, '\0', 0) < name.len)
		return err_sayf(err, ERR_INPUT,
		    "\"%.*s\" is too long for a host name.",
		    STR_ARG(str_slice(name, 0, 60)));
	(void)snprintf(text, sizeof(text), "%.*s", STR_ARG(rest));
	if (is_ascii(rest)) {
		(void)snprintf(out, IDN_BYTES, "%.*s", STR_ARG(name));
		return ERR_OK;
	}
	/* UTS #46 without the deviations of 2003, as browsers do. */
	int rc = idn2_to_ascii_8z(
	    text, &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
	if (rc != IDN2_OK || strlen(ascii) + 3 > IDN_BYTES) {
		idn2_free(ascii);
		return err_sayf(err, ERR_INPUT, "\"%s\" is no host name: %s.",
		    text, rc == IDN2_OK ? "too long" : idn2_strerror(rc));
	}
	(void)snprintf(out, IDN_BYTES, "%s%s", has_star ? "*." : "", ascii);
	idn2_free(ascii);
	return ERR_OK;
}
