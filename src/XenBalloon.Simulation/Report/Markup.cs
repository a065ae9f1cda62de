using System.Text;

namespace XenBalloon.Simulation.Report;

/// <summary>Writes well-formed elements, whatever text they contain: HTML that XML parsers also read.</summary>
internal sealed class Markup
{
    private readonly StringBuilder text = new();
    private readonly Stack<string> open = new();

    /// <summary>Opens an element.</summary>
    internal Markup Open(string tag, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Begin(tag, attributes);
        text.Append('>');
        open.Push(tag);
        return this;
    }

    /// <summary>Closes the last open element.</summary>
    internal Markup Close()
    {
        text.Append("</").Append(open.Pop()).Append('>');
        if (open.Count < 4) text.Append('\n');
        return this;
    }

    /// <summary>Writes an element without content; only for HTML's void elements.</summary>
    internal Markup Empty(string tag, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Begin(tag, attributes);
        text.Append("/>");
        return this;
    }

    /// <summary>Writes an element that contains text.</summary>
    internal Markup Element(string tag, string content, params ReadOnlySpan<(string Name, string Value)> attributes) =>
        Open(tag, attributes).Text(content).Close();

    /// <summary>Writes text.</summary>
    internal Markup Text(string content)
    {
        Escape(content);
        return this;
    }

    /// <inheritdoc/>
    public override string ToString() => text.ToString();

    private void Begin(string tag, ReadOnlySpan<(string Name, string Value)> attributes)
    {
        text.Append('<').Append(tag);
        foreach ((string name, string value) in attributes)
        {
            text.Append(' ').Append(name).Append("=\"");
            Escape(value);
            text.Append('"');
        }
    }

    // XML allows neither control characters nor unpaired surrogates, even escaped.
    private void Escape(string content)
    {
        foreach (Rune rune in content.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '&':
                    text.Append("&amp;");
                    break;
                case '<':
                    text.Append("&lt;");
                    break;
                case '>':
                    text.Append("&gt;");
                    break;
                case '"':
                    text.Append("&quot;");
                    break;
                default:
                    text.Append(IsAllowed(rune) ? rune.ToString() : "\uFFFD");
                    break;
            }
        }
    }

    private static bool IsAllowed(Rune rune) =>
        rune.Value is '\n' || (!Rune.IsControl(rune) && rune.Value is not (0xFFFE or 0xFFFF));
}
