#include "store/store_pool.h"

_Static_assert(STORE_COMPOSE_WRITING == 0, "in the SQL below");
_Static_assert(STORE_COMPOSE_SENDING == 1, "in the SQL below");

static const char SQL_RECOVER[] =
    "UPDATE compose SET state = 0, result = $1 WHERE state = 1";

enum err_code
store_compose_recover(struct store *store, uint64_t *out_count, struct err *err)
{
	int64_t changed = 0;
	enum err_code rc = store_pool_run(store, SQL_RECOVER,
	    SQL_PARAMS(SQL_TEXT(
	        STR("The server was stopped before this message was sent."))),
	    &changed, err);

	*out_count = rc == ERR_OK && changed > 0 ? (uint64_t)changed : 0;
	return rc;
}
