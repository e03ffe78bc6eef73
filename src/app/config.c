#include "app/config.h"

#include "keel/venue.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
    const char *name;
    size_t offset;
} keys[] = {
    {"venue",       offsetof(struct app_section, venue)      },
    {"api_key",     offsetof(struct app_section, api_key)    },
    {"api_secret",  offsetof(struct app_section, api_secret) },
    {"url",         offsetof(struct app_section, url)        },
    {"demo_venue",  offsetof(struct app_section, demo_venue) },
    {"symbols",     offsetof(struct app_section, symbols)    },
    {"journal",     offsetof(struct app_section, journal)    },
    {"order_entry", offsetof(struct app_section, order_entry)},
    {"withdraw_to", offsetof(struct app_section, withdraw_to)},
};
enum {
    KEY_COUNT = sizeof(keys) / sizeof(keys[0]),
    KEY_NAME_MAX = 16, /* of a mistyped one; what is longer may be a secret on the wrong side */
};

static char *trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    for (size_t size = strlen(text); size > 0 && isspace((unsigned char)text[size - 1]); size--)
        text[size - 1] = '\0';
    return text;
}

static const char **find_key(struct app_section *section, const char *name)
{
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (strcmp(keys[i].name, name) == 0)
            return (const char **)(void *)((char *)section + keys[i].offset);
    return NULL;
}

static struct app_section *find_section(struct app_config *config, const char *name)
{
    for (int i = 0; i < config->section_count; i++)
        if (strcmp(config->sections[i].name, name) == 0)
            return &config->sections[i];
    return NULL;
}

static enum keel_status begin_section(struct app_config *config, char *text, int line,
                                      struct keel_error *error)
{
    char *end = strchr(text, ']');
    if (end == NULL || end[1] != '\0' || end == text + 1)
        return keel_fail(error, KEEL_CONFIG, "%s:%d: a section is written [name]", config->path,
                         line);
    *end = '\0';
    char *name = trim(text + 1);
    if (find_section(config, name) != NULL)
        return keel_fail(error, KEEL_CONFIG, "%s:%d: section [%s] comes twice", config->path, line,
                         name);
    if (config->section_count == APP_SECTIONS_MAX)
        return keel_fail(error, KEEL_CONFIG, "%s:%d: more than %d sections", config->path, line,
                         APP_SECTIONS_MAX);
    config->sections[config->section_count++] = (struct app_section){.name = name, .line = line};
    return KEEL_OK;
}

static enum keel_status take_key(struct app_config *config, char *text, int line,
                                 struct keel_error *error)
{
    /* Whatever stands on a line that cannot be read may be a secret: it is not repeated. */
    char *equals = strchr(text, '=');
    if (equals == NULL)
        return keel_fail(error, KEEL_CONFIG, "%s:%d: expected 'key = value' or '[section]'",
                         config->path, line);
    if (config->section_count == 0)
        return keel_fail(error, KEEL_CONFIG, "%s:%d: a key before the first [section]",
                         config->path, line);
    *equals = '\0';
    char *name = trim(text);
    char *value = trim(equals + 1);
    const char **member = find_key(&config->sections[config->section_count - 1], name);
    if (member == NULL)
        return keel_fail(error, KEEL_CONFIG,
                         "%s:%d: unknown key '%s' (venue, api_key, api_secret, url, demo_venue, "
                         "symbols, journal, order_entry, withdraw_to)",
                         config->path, line, strlen(name) <= KEY_NAME_MAX ? name : "...");
    if (*member != NULL)
        return keel_fail(error, KEEL_CONFIG, "%s:%d: %s comes twice", config->path, line, name);
    if (value[0] == '\0')
        return keel_fail(error, KEEL_CONFIG, "%s:%d: %s has no value", config->path, line, name);
    *member = value;
    return KEEL_OK;
}

static enum keel_status parse_text(struct app_config *config, struct keel_error *error)
{
    int line = 0;
    for (char *at = config->text, *next; at != NULL; at = next) {
        next = strchr(at, '\n');
        if (next != NULL)
            *next++ = '\0';
        line++;
        char *text = trim(at);
        if (text[0] == '\0' || text[0] == '#' || text[0] == ';')
            continue;
        enum keel_status status = text[0] == '[' ? begin_section(config, text, line, error)
                                                 : take_key(config, text, line, error);
        if (status != KEEL_OK)
            return status;
    }
    return KEEL_OK;
}

static enum keel_status check_section(const struct app_config *config,
                                      const struct app_section *section, struct keel_error *error)
{
    const char *venue = section->venue;
    const char *demo = section->demo_venue;
    const char *entry = section->order_entry;
    if (venue != NULL && keel_venue_find(keel_str_from(venue)) == NULL)
        return keel_fail(error, KEEL_CONFIG, "%s: [%s] has an unknown venue '%s'", config->path,
                         section->name, venue);
    if ((section->api_key == NULL) != (section->api_secret == NULL))
        return keel_fail(error, KEEL_CONFIG, "%s: [%s] has only one of api_key and api_secret",
                         config->path, section->name);
    if (demo != NULL && strcmp(demo, "true") != 0 && strcmp(demo, "false") != 0)
        return keel_fail(error, KEEL_CONFIG, "%s: [%s] demo_venue is '%s', not true or false",
                         config->path, section->name, demo);
    if (entry != NULL && strcmp(entry, "requests") != 0 && strcmp(entry, "stream") != 0)
        return keel_fail(error, KEEL_CONFIG, "%s: [%s] order_entry is '%s', not requests or stream",
                         config->path, section->name, entry);
    return KEEL_OK;
}

/* Of the open file, so that nobody exchanges it between the question and the reading. */
static enum keel_status check_file(const struct app_config *config, int file,
                                   struct keel_error *error)
{
    struct stat info;
    if (fstat(file, &info) != 0)
        return keel_fail(error, KEEL_CONFIG, "%s: %s", config->path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return keel_fail(error, KEEL_CONFIG, "%s is not a file", config->path);
    if (info.st_uid != geteuid())
        return keel_fail(error, KEEL_CONFIG, "%s belongs to user %u, not to you (%u)", config->path,
                         (unsigned)info.st_uid, (unsigned)geteuid());
    if ((info.st_mode & 077) != 0)
        return keel_fail(error, KEEL_CONFIG,
                         "%s has mode %04o, so others can read it; mend it with: chmod 600 %s",
                         config->path, (unsigned)info.st_mode & 07777, config->path);
    if (info.st_size >= APP_CONFIG_SIZE)
        return keel_fail(error, KEEL_CONFIG, "%s is larger than %d bytes", config->path,
                         APP_CONFIG_SIZE - 1);
    return KEEL_OK;
}

static enum keel_status read_all(struct app_config *config, int file, struct keel_error *error)
{
    size_t size = 0;
    while (size < sizeof(config->text) - 1) {
        ssize_t got = read(file, config->text + size, sizeof(config->text) - 1 - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return keel_fail(error, KEEL_CONFIG, "%s: %s", config->path, strerror(errno));
        if (got == 0)
            break;
        size += (size_t)got;
    }
    config->text[size] = '\0';
    if (strlen(config->text) != size)
        return keel_fail(error, KEEL_CONFIG, "%s is not text", config->path);
    return KEEL_OK;
}

static enum keel_status read_file(struct app_config *config, struct keel_error *error)
{
    int file = open(config->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (file < 0)
        return keel_fail(error, KEEL_CONFIG, "%s: %s", config->path, strerror(errno));
    enum keel_status status = check_file(config, file, error);
    if (status == KEEL_OK)
        status = read_all(config, file, error);
    close(file);
    if (status == KEEL_OK)
        status = parse_text(config, error);
    for (int i = 0; i < config->section_count && status == KEEL_OK; i++)
        status = check_section(config, &config->sections[i], error);
    return status;
}

/* False: no home, or a path that is too long. */
static bool find_path(struct app_config *config, const struct app_options *options)
{
    const char *base = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    int size = -1;
    if (options->config != NULL)
        size = snprintf(config->path, sizeof(config->path), "%s", options->config);
    else if (base != NULL && base[0] == '/')
        size = snprintf(config->path, sizeof(config->path), "%s/keel/keel.conf", base);
    else if (home != NULL && home[0] != '\0')
        size = snprintf(config->path, sizeof(config->path), "%s/.config/keel/keel.conf", home);
    return size > 0 && (size_t)size < sizeof(config->path);
}

static const char *read_variable(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

static enum keel_status use_environment(struct app_config *config, const struct keel_venue *venue,
                                        struct keel_error *error)
{
    const char *key = keel_venue_key_variable(venue);
    const char *secret = keel_venue_secret_variable(venue);
    config->account.api_key = read_variable(key);
    config->account.api_secret = read_variable(secret);
    if ((config->account.api_key == NULL) == (config->account.api_secret == NULL))
        return KEEL_OK;
    return keel_fail(error, KEEL_CONFIG, "%s is not set, but its other half is",
                     config->account.api_key == NULL ? key : secret);
}

static enum keel_status choose_section(struct app_config *config, const char *name,
                                       struct keel_error *error)
{
    const struct app_section *section = find_section(config, name == NULL ? "default" : name);
    if (section == NULL && name == NULL && config->section_count == 1)
        section = &config->sections[0];
    if (config->section_count == 0)
        return keel_fail(error, KEEL_CONFIG, "%s has no account: a section [name] with its keys",
                         config->path);
    if (section == NULL && name == NULL)
        return keel_fail(error, KEEL_CONFIG,
                         "%s has %d accounts and none is called default: name one with --account",
                         config->path, config->section_count);
    if (section == NULL)
        return keel_fail(error, KEEL_CONFIG, "%s has no account [%s]", config->path, name);
    config->account = *section;
    return KEEL_OK;
}

static enum keel_status use_file(struct app_config *config, const struct app_options *options,
                                 struct keel_error *error)
{
    bool asked = options->config != NULL || options->account != NULL;
    if (!find_path(config, options))
        return asked ? keel_fail(error, KEEL_CONFIG, "no configuration file: HOME is not set")
                     : KEEL_OK;
    if (!asked && access(config->path, F_OK) != 0)
        return KEEL_OK; /* no file, no account: the caller says what is missing */
    enum keel_status status = read_file(config, error);
    return status == KEEL_OK ? choose_section(config, options->account, error) : status;
}

/* Cuts "A, B" into the list of symbols. */
static enum keel_status split_symbols(struct app_config *config, const char *list, char *buffer,
                                      struct keel_error *error)
{
    char *rest = NULL;
    if (list == NULL)
        return KEEL_OK;
    if (!keel_str_copy(keel_str_from(list), buffer, sizeof(config->symbol_text[0])))
        return keel_fail(error, KEEL_CONFIG, "the list of symbols is too long");
    for (char *at = strtok_r(buffer, ", ", &rest); at != NULL; at = strtok_r(NULL, ", ", &rest)) {
        enum keel_status status = app_config_add_symbol(config, at, error);
        if (status != KEEL_OK)
            return status;
    }
    return KEEL_OK;
}

/* "ASSET NETWORK ADDRESS" and perhaps a memo. */
static enum keel_status add_address(struct app_config *config, char *words,
                                    struct keel_error *error)
{
    char *rest = NULL;
    struct keel_withdrawal_address address = {.asset = strtok_r(words, " ", &rest)};
    if (address.asset == NULL)
        return KEEL_OK;
    address.network = strtok_r(NULL, " ", &rest);
    address.address = strtok_r(NULL, " ", &rest);
    address.memo = strtok_r(NULL, " ", &rest);
    if (address.address == NULL || strtok_r(NULL, " ", &rest) != NULL)
        return keel_fail(
            error, KEEL_CONFIG,
            "[%s] withdraw_to: '%s …' is not ASSET NETWORK ADDRESS, or with a memo after it",
            config->account.name, address.asset);
    if (config->address_count == APP_ADDRESSES_MAX)
        return keel_fail(error, KEEL_CONFIG, "[%s] withdraw_to: more than %d addresses",
                         config->account.name, APP_ADDRESSES_MAX);
    config->addresses[config->address_count++] = address;
    return KEEL_OK;
}

static enum keel_status split_addresses(struct app_config *config, struct keel_error *error)
{
    char *rest = NULL;
    if (config->account.withdraw_to == NULL)
        return KEEL_OK;
    (void)keel_str_copy(keel_str_from(config->account.withdraw_to), config->address_text,
                        sizeof(config->address_text));
    for (char *at = strtok_r(config->address_text, ",", &rest); at != NULL;
         at = strtok_r(NULL, ",", &rest)) {
        enum keel_status status = add_address(config, at, error);
        if (status != KEEL_OK)
            return status;
    }
    return KEEL_OK;
}

static enum keel_status use_options(struct app_config *config, const struct app_options *options,
                                    struct keel_error *error)
{
    struct app_section *account = &config->account;
    const char *url = options->url != NULL ? options->url : getenv("KEEL_URL");
    if (account->venue != NULL && options->venue != NULL &&
        strcmp(account->venue, options->venue) != 0)
        return keel_fail(error, KEEL_CONFIG, "account [%s] is at %s, not at %s", account->name,
                         account->venue, options->venue);
    if (options->venue != NULL)
        account->venue = options->venue;
    if (account->venue == NULL)
        account->venue = "binance";
    if (options->url != NULL && options->demo_venue)
        return keel_fail(error, KEEL_INVALID, "--url and --demo-venue exclude each other");
    config->demo_venue = options->demo_venue ||
                         (account->demo_venue != NULL && strcmp(account->demo_venue, "true") == 0);
    if (url != NULL && url[0] != '\0' && !options->demo_venue) {
        account->url = url;
        config->demo_venue = false;
    }
    if (options->demo_venue)
        account->url = NULL;
    if (account->url != NULL && config->demo_venue)
        return keel_fail(error, KEEL_CONFIG, "account [%s] has both url and demo_venue",
                         account->name);
    return KEEL_OK;
}

static enum keel_status check_credentials(const struct app_config *config, struct keel_error *error)
{
    const struct keel_venue *venue = keel_venue_find(keel_str_from(config->account.venue));
    if (config->account.api_key != NULL)
        return KEEL_OK;
    if (config->account.name != NULL)
        return keel_fail(error, KEEL_CONFIG, "%s: account [%s] has no api_key and api_secret",
                         config->path, config->account.name);
    return keel_fail(error, KEEL_CONFIG, "no credentials: set %s and %s, or write an account to %s",
                     keel_venue_key_variable(venue), keel_venue_secret_variable(venue),
                     config->path[0] == '\0' ? "a file (--config)" : config->path);
}

enum keel_status app_config_load(struct app_config *config, const struct app_options *options,
                                 bool optional, struct keel_error *error)
{
    const char *venue = options->venue == NULL ? "binance" : options->venue;
    enum keel_status status = KEEL_OK;
    memset(config, 0, sizeof(*config));
    /* A failed lock is no reason to stop: the memory may reach the swap, and is wiped all the same.
     */
    (void)mlock(config, sizeof(*config));
    (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    const struct keel_venue *found = keel_venue_find(keel_str_from(venue));
    if (found == NULL)
        return keel_fail(error, KEEL_INVALID, "--venue: keel does not know '%s'", venue);

    if (options->config == NULL && options->account == NULL)
        status = use_environment(config, found, error);
    if (status == KEEL_OK && config->account.api_key == NULL &&
        (!optional || options->config != NULL || options->account != NULL))
        status = use_file(config, options, error);
    if (status == KEEL_OK)
        status = use_options(config, options, error);
    if (status == KEEL_OK && !optional)
        status = check_credentials(config, error);
    if (status == KEEL_OK)
        status = split_symbols(config, config->account.symbols, config->symbol_text[0], error);
    if (status == KEEL_OK)
        status = split_symbols(config, options->symbol, config->symbol_text[1], error);
    return status == KEEL_OK ? split_addresses(config, error) : status;
}

enum keel_status app_config_add_symbol(struct app_config *config, const char *symbol,
                                       struct keel_error *error)
{
    for (int i = 0; i < config->symbol_count; i++)
        if (strcmp(config->symbols[i], symbol) == 0)
            return KEEL_OK;
    if (config->symbol_count == APP_SYMBOLS_MAX)
        return keel_fail(error, KEEL_CONFIG, "more than %d symbols", APP_SYMBOLS_MAX);
    config->symbols[config->symbol_count++] = symbol;
    return KEEL_OK;
}

static void wipe_variable(const char *name)
{
    char *value = getenv(name);
    if (value == NULL)
        return;
    explicit_bzero(value, strlen(value));
    unsetenv(name);
}

void app_config_wipe(struct app_config *config)
{
    for (size_t i = 0; keel_venue_at(i) != NULL; i++) {
        wipe_variable(keel_venue_key_variable(keel_venue_at(i)));
        wipe_variable(keel_venue_secret_variable(keel_venue_at(i)));
    }
    explicit_bzero(config, sizeof(*config));
    (void)munlock(config, sizeof(*config));
}
