#include "os/socket_holder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "os/socket.h"

/* A listener of ours on a free port of this machine. */
static sock_t
listen_here(struct str address, uint16_t *out_port)
{
	struct err err = ERR_NONE;
	sock_t sock = SOCK_NONE;

	for (uint16_t port = 20000; port < 30000; port++) {
		if (socket_listen(address, port, &sock, &err) != ERR_OK)
			continue;
		*out_port = port;
		return sock;
	}
	fail();
	return SOCK_NONE;
}

static void
test_holder(void **state)
{
	static const char *const addresses[] = {"127.0.0.1", "::1", "*"};
	char mine[16] = "";
	char name[64];
	uint16_t port = 0;

	(void)state;
	assert_int_equal(prctl(PR_GET_NAME, mine, 0, 0, 0), 0);
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		sock_t sock = listen_here(str_c(addresses[i]), &port);

		assert_true(socket_holder(port, name, sizeof(name)));
		assert_string_equal(name, mine);
		socket_close(&sock);
		assert_false(socket_holder(port, name, sizeof(name)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_holder)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
