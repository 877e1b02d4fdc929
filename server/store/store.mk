# Compiles the numbered files of db/ into the store room.
ifneq ($(filter store,$(ROOMS)),)
SCHEMA_SQL := $(sort $(wildcard db/[0-9][0-9][0-9]_*.sql))
SCHEMA_C := $(OUT)/server/store/schema_steps.c
SCHEMA_OBJ := $(OUT)/server/store/schema_steps.o

$(SCHEMA_C): $(SCHEMA_SQL) server/store/schema.sh
	$(SAY) GEN $@
	$(Q)mkdir -p $(@D)
	$(Q)sh server/store/schema.sh $(SCHEMA_SQL) > $@

$(SCHEMA_OBJ): $(SCHEMA_C)
	$(SAY) CC $<
	$(Q)$(CC) $(CPPFLAGS) $(FOREIGN_CFLAGS) $(FLAGS) -MMD -MP -c -o $@ $<

$(ARCHIVE): $(SCHEMA_OBJ)
endif
