using System.Text;

namespace XenBalloon.Simulation.Report;

/// <summary>Writes elements that are well-formed whatever the texts in them are: HTML that an XML parser reads too.</summary>
internal sealed class Markup
{
    private readonly StringBuilder text = new();
    private readonly Stack<string> open = new();

    /// <summary>Begins an element.</summary>
    internal Markup Open(string tag, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Begin(tag, attributes);
        text.Append('>');
        open.Push(tag);
        return this;
    }

    /// <summary>Ends the element that was begun last.</summary>
    internal Markup Close()
    {
        text.Append("</").Append(open.Pop()).Append('>');
        if (open.Count < 4) text.Append('\n');
        return this;
    }

    /// <summary>An element without content; of HTML's own only those that never have any.</summary>
    internal Markup Empty(string tag, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Begin(tag, attributes);
        text.Append("/>");
        return this;
    }

    /// <summary>An element with a text in it.</summary>
    internal Markup Element(string tag, string content, params ReadOnlySpan<(string Name, string Value)> attributes) => Open(tag, attributes).Text(content).Close();

    /// <summary>A text.</summary>
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

    // Control characters and halves of surrogate pairs have no place in XML, escaped or not.
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
                    text.Append(rune.Value is '\n' || (!Rune.IsControl(rune) && rune.Value is not (0xFFFE or 0xFFFF)) ? rune.ToString() : "\uFFFD");
                    break;
            }
        }
    }
}
