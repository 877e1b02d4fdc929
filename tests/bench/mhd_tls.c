/*
 * A web server by libmicrohttpd and its own TLS, for comparison:
 *   mhd_tls PORT CERTIFICATE KEY FILE
 * answers every request with FILE, until it is killed.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct page {
	char *bytes;
	size_t len;
};

/* The whole file with a NUL behind it. */
static struct page
read_page(const char *path)
{
	struct page page = {NULL, 0};
	struct stat info;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && fstat(fd, &info) == 0) {
		page.len = (size_t)info.st_size;
		page.bytes = calloc(1, page.len + 1);
	}
	if (page.bytes == NULL ||
	    read(fd, page.bytes, page.len) != (ssize_t)page.len) {
		perror(path);
		exit(1);
	}
	(void)close(fd);
	return page;
}

static enum MHD_Result
answer(void *ctx, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *upload,
    size_t *upload_len, void **per_request)
{
	static int seen;
	const struct page *page = ctx;
	struct MHD_Response *response = NULL;
	enum MHD_Result result = MHD_NO;

	(void)url, (void)method, (void)version, (void)upload, (void)upload_len;
	if (*per_request == NULL) {
		*per_request = &seen;
		return MHD_YES;
	}
	response = MHD_create_response_from_buffer(
	    page->len, page->bytes, MHD_RESPMEM_PERSISTENT);
	if (response == NULL)
		return MHD_NO;
	result = MHD_queue_response(connection, MHD_HTTP_OK, response);
	MHD_destroy_response(response);
	return result;
}

int
main(int argc, char **argv)
{
	struct sockaddr_in here = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct page page;
	struct page certificate;
	struct page key;

	if (argc != 5)
		return 2;
	here.sin_port = htons((unsigned short)strtoul(argv[1], NULL, 10));
	certificate = read_page(argv[2]);
	key = read_page(argv[3]);
	page = read_page(argv[4]);
	if (MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TLS, 0,
	        NULL, NULL, answer, &page, MHD_OPTION_SOCK_ADDR,
	        (struct sockaddr *)&here, MHD_OPTION_THREAD_POOL_SIZE, 2u,
	        MHD_OPTION_HTTPS_MEM_CERT, certificate.bytes,
	        MHD_OPTION_HTTPS_MEM_KEY, key.bytes,
	        MHD_OPTION_HTTPS_PRIORITIES, "NORMAL:-VERS-ALL:+VERS-TLS1.3",
	        MHD_OPTION_END) == NULL)
		return 1;
	(void)puts("ready");
	(void)fflush(stdout);
	for (;;)
		(void)pause();
}
