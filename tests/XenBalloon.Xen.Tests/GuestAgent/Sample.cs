using System.Runtime.CompilerServices;

namespace XenBalloon.Xen.Tests.GuestAgent;

/// <summary>struct sample of sample.h: one number for each <see cref="SampleValue"/>.</summary>
[InlineArray((int)SampleValue.Count)]
internal struct Sample
{
    private ulong first;

    internal ulong this[SampleValue which]
    {
        readonly get => this[(int)which];
        set => this[(int)which] = value;
    }

    /// <summary>A sample in which everything is this.</summary>
    internal static Sample Of(ulong value)
    {
        Sample sample = default;
        for (int i = 0; i < (int)SampleValue.Count; i++) sample[i] = value;
        return sample;
    }
}
