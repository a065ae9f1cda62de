using System.Text;

namespace XenBalloon.Xen.Checked;

/// <summary>A path or token as xenstore takes it: NUL-terminated bytes, made once. Built from constants and domids only, never from what a guest says.</summary>
internal sealed class StorePath(string text)
{
    private readonly byte[] terminated = Encoding.ASCII.GetBytes(text + '\0');

    /// <summary>For calls, with the NUL.</summary>
    public ReadOnlySpan<byte> Terminated => terminated;

    /// <summary>For comparison, without the NUL.</summary>
    public ReadOnlySpan<byte> Bytes => terminated.AsSpan(0, terminated.Length - 1);

    /// <inheritdoc/>
    public override string ToString() => text;
}
