/* Carries out the operations on standard input, one a line, and writes each result on a line of its
 * own: the half of decimal_oracle.py that is under test.
 *
 *     add A B | sub A B | mul R A B | div R A B | muldiv R A B C | step R A S | multiple A S
 *     digits R N A | count A | parse R TEXT | format A | fixed N A
 *
 * R is the rounding's number, A to C and S are units of 10^-18, "absent" stands for itself. */
#include "keel/decimal.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    WORDS_MAX = 5,
    LINE_SIZE = 4096,
};

static keel_decimal read_units(const char *text)
{
    if (strcmp(text, "absent") == 0)
        return KEEL_DECIMAL_ABSENT;
    bool negative = *text == '-';
    keel_uint128 magnitude = 0;
    for (text += negative; *text; text++)
        magnitude = magnitude * 10 + (unsigned)(*text - '0');
    return keel_decimal_from_raw((keel_int128)(negative ? -magnitude : magnitude));
}

static void print_units(keel_decimal value)
{
    if (!keel_decimal_is_valid(value)) {
        puts("absent");
        return;
    }
    char text[48];
    char *at = text + sizeof(text) - 1;
    keel_int128 raw = keel_decimal_raw(value);
    keel_uint128 magnitude = raw < 0 ? -(keel_uint128)raw : (keel_uint128)raw;
    *at = '\0';
    do {
        *--at = (char)('0' + (int)(magnitude % 10));
        magnitude /= 10;
    } while (magnitude > 0);
    if (raw < 0)
        *--at = '-';
    puts(at);
}

static void print_parsed(enum keel_round round, const char *text)
{
    keel_decimal value;
    bool inexact;
    enum keel_status status = keel_decimal_parse(keel_str_from(text), round, &value, &inexact);
    printf("%s %d ", keel_status_name(status), inexact);
    print_units(value);
}

static void print_text(keel_decimal value, int digits)
{
    char text[KEEL_DECIMAL_TEXT_SIZE];
    size_t size = digits < 0 ? keel_decimal_format(value, text)
                             : keel_decimal_format_fixed(value, digits, text);
    KEEL_ASSERT(size == strlen(text));
    puts(text);
}

static void run(char *words[WORDS_MAX])
{
    const char *name = words[0];
    int number = atoi(words[1]);
    enum keel_round round = (enum keel_round)number;
    keel_decimal first = read_units(words[1]), a = read_units(words[2]), b = read_units(words[3]);

    if (strcmp(name, "add") == 0)
        print_units(keel_decimal_add(first, a));
    else if (strcmp(name, "sub") == 0)
        print_units(keel_decimal_sub(first, a));
    else if (strcmp(name, "mul") == 0)
        print_units(keel_decimal_mul(a, b, round));
    else if (strcmp(name, "div") == 0)
        print_units(keel_decimal_div(a, b, round));
    else if (strcmp(name, "muldiv") == 0)
        print_units(keel_decimal_mul_div(a, b, read_units(words[4]), round));
    else if (strcmp(name, "step") == 0)
        print_units(keel_decimal_round_to_step(a, b, round));
    else if (strcmp(name, "multiple") == 0)
        puts(keel_decimal_is_multiple(first, a) ? "1" : "0");
    else if (strcmp(name, "digits") == 0)
        print_units(keel_decimal_round_to_digits(b, atoi(words[2]), round));
    else if (strcmp(name, "count") == 0)
        printf("%d\n", keel_decimal_digits(first));
    else if (strcmp(name, "parse") == 0)
        print_parsed(round, words[2]);
    else if (strcmp(name, "format") == 0)
        print_text(first, -1);
    else if (strcmp(name, "fixed") == 0)
        print_text(a, number);
    else
        abort();
}

int main(void)
{
    static char line[LINE_SIZE];
    while (fgets(line, sizeof(line), stdin)) {
        char *words[WORDS_MAX] = {"", "", "", "", ""};
        char *rest = NULL;
        int count = 0;
        for (char *word = strtok_r(line, " \n", &rest); word && count < WORDS_MAX;
             word = strtok_r(NULL, " \n", &rest))
            words[count++] = word;
        run(words);
    }
    return 0;
}
