using System.Text;

namespace XenBalloon.Daemon.Dom0;

/// <summary>
/// The settings of an xl configuration file, such as <c>/etc/xen/xl.conf</c>: assignments of a number, a quoted string
/// or a list, ended by a line break or a semicolon. xl exits if any part of the file is invalid.
/// </summary>
internal sealed class XlConfiguration
{
    private readonly Dictionary<string, string?> values;

    private XlConfiguration(Dictionary<string, string?> values, string? fault)
    {
        this.values = values;
        Fault = fault;
    }

    /// <summary>Why xl does not accept the file, with the line; null if it does.</summary>
    internal string? Fault { get; }

    /// <summary>Parses the text of a file.</summary>
    internal static XlConfiguration Parse(string text)
    {
        var parser = new Parser(text);
        try
        {
            parser.ReadAll();
            return new XlConfiguration(parser.Values, null);
        }
        catch (FormatException exception)
        {
            return new XlConfiguration([], $"line {parser.Line}: {exception.Message}");
        }
    }

    /// <summary>A number or string; null if it is not set, or is a list, which xl ignores with a warning.</summary>
    internal string? Find(string name) => this.values.GetValueOrDefault(name);

    private enum Token
    {
        End,
        LineBreak,
        Semicolon,
        Assign,
        Append,
        Comma,
        Open,
        Close,
        Name,
        Value,
    }

    private ref struct Parser(string text)
    {
        private Token token;
        private int at;
        private string value = "";

        internal int Line { get; private set; } = 1;

        /// <summary>Null for a list.</summary>
        internal Dictionary<string, string?> Values { get; } = [];

        internal void ReadAll()
        {
            Advance();
            while (token != Token.End)
            {
                if (token == Token.Name) ReadAssignment();
                if (token == Token.End) return;
                bool isEnd = token is Token.LineBreak or Token.Semicolon;
                if (!isEnd) throw new FormatException("expected NAME = VALUE");
                Advance();
            }
        }

        private void ReadAssignment()
        {
            string name = value;
            Advance();
            bool appends = token == Token.Append;
            if (!appends && token != Token.Assign) throw new FormatException($"expected '=' after '{name}'");
            Advance();
            string? read = ReadValue();
            if (appends && Values.TryGetValue(name, out string? before))
            {
                if (before is null != read is null) throw new FormatException("a list and a string cannot be joined");
                read = before + read;
            }

            Values[name] = read;
        }

        /// <summary>Reads a string or a number, or a list, for which it returns null.</summary>
        private string? ReadValue()
        {
            string read = value;
            bool isList = token == Token.Open;
            if (!isList && token != Token.Value)
            {
                throw new FormatException("expected a number, a string in quotes or a list");
            }

            Advance();
            if (!isList) return read;
            SkipLineBreaks();
            while (token != Token.Close)
            {
                ReadValue();
                SkipLineBreaks();
                if (token == Token.Close) break;
                if (token != Token.Comma) throw new FormatException("expected ',' or ']' in a list");
                Advance();
                SkipLineBreaks();
            }

            Advance();
            return null;
        }

        private void SkipLineBreaks()
        {
            while (token == Token.LineBreak) Advance();
        }

        private void Advance()
        {
            if (token == Token.LineBreak) Line++;
            while (at < text.Length && text[at] is ' ' or '\t') at++;
            token = at == text.Length ? Token.End : Read(text[at]);
        }

        private Token Read(char first)
        {
            if (char.IsAsciiLetterLower(first)) return ReadWord(Token.Name, static c => c is '.' or '_' || IsWord(c));
            if (char.IsAsciiDigit(first)) return ReadWord(Token.Value, char.IsAsciiHexDigitLower, 'x');
            at++;
            switch (first)
            {
                case '\n':
                    return Token.LineBreak;
                case ';':
                    return Token.Semicolon;
                case ',':
                    return Token.Comma;
                case '[':
                    return Token.Open;
                case ']':
                    return Token.Close;
                case '=':
                    return Token.Assign;
                case '+' when at < text.Length && text[at] == '=':
                    at++;
                    return Token.Append;
                case '#':
                    return SkipComment();
                case '"' or '\'':
                    ReadString(first);
                    return Token.Value;
                default:
                    throw new FormatException("character that xl does not expect: put strings in quotes");
            }
        }

        private static bool IsWord(char letter) => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter);

        private Token ReadWord(Token kind, Func<char, bool> isPart, char further = '\0')
        {
            int start = at;
            while (at < text.Length && (isPart(text[at]) || text[at] == further)) at++;
            value = text[start..at];
            return kind;
        }

        /// <summary>A comment includes its line break; xl does not accept one without.</summary>
        private Token SkipComment()
        {
            int end = text.IndexOf('\n', at);
            if (end < 0) throw new FormatException("a comment at the end needs a line break after it");
            at = end + 1;
            return Token.LineBreak;
        }

        private void ReadString(char quote)
        {
            var read = new StringBuilder();
            while (at < text.Length && text[at] != quote && text[at] != '\n')
            {
                char letter = text[at++];
                if (letter == '\\' && at < text.Length) letter = Unescape(text[at++]);
                read.Append(letter);
            }

            if (at == text.Length || text[at] != quote) throw new FormatException("unclosed string");
            at++;
            value = read.ToString();
        }

        private static char Unescape(char letter) => letter switch
        {
            '"' or '\'' or '\\' => letter,
            'a' => '\a',
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\v',

            // A code of a character: no setting that is read here has one, so its value does not matter.
            'x' or (>= '0' and <= '7') => '?',
            _ => throw new FormatException($"unknown escape '\\{letter}' in a string"),
        };
    }
}
