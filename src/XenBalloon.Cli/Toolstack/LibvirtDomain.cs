using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Toolstack;

/// <summary>
/// Reads libvirt's XML of a domain, as libvirt passes it to its hooks (https://libvirt.org/formatdomain.html).
/// <c>memory</c> is the most that the domain can have and <c>currentMemory</c> what it starts with, in KiB unless a
/// unit is given.
/// </summary>
internal static class LibvirtDomain
{
    private const int MostCharacters = 1 << 22;

    /// <summary>Reads a domain.</summary>
    /// <exception cref="ToolstackException">The XML is not libvirt's, or is invalid; the message says why.</exception>
    internal static DomainConfiguration Read(Stream xml)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            MaxCharactersInDocument = MostCharacters,
        };
        try
        {
            using XmlReader reader = XmlReader.Create(xml, settings);
            XElement domain = XElement.Load(reader);
            return domain.Name.LocalName == "domain"
                ? Read(domain)
                : throw new ToolstackException($"expected libvirt's <domain>, not <{domain.Name.LocalName}>");
        }
        catch (XmlException exception)
        {
            throw new ToolstackException($"this is not libvirt's XML of a domain: {exception.Message}", exception);
        }
    }

    private static DomainConfiguration Read(XElement domain)
    {
        KiB most = Size(domain.Element("memory")) ?? throw new ToolstackException("the domain's XML has no <memory>");
        IEnumerable<XElement> devices = domain.Element("devices")?.Elements("hostdev") ?? [];
        return new DomainConfiguration
        {
            Name = domain.Element("name")?.Value ?? "",
            Type = domain.Element("os")?.Element("type")?.Value.Trim() switch
            {
                "hvm" or "xenpvh" => DomainKind.Hvm,
                _ => DomainKind.Pv,
            },
            Memory = KiB.Min(most, Size(domain.Element("currentMemory")) ?? most),
            MaxMem = most,
            Vcpus = Vcpus(domain.Element("vcpu")),
            Hap = domain.Element("features")?.Element("hap")?.Attribute("state")?.Value switch
            {
                "on" => true,
                "off" => false,
                _ => null,
            },
            HasPassthrough = devices.Any(device => device.Attribute("type")?.Value == "pci"),
        };
    }

    private static int Vcpus(XElement? element)
    {
        string text = element?.Value.Trim() ?? "1";
        bool isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count);
        return isNumber && count is > 0 and <= DomainConfiguration.MostVcpus
            ? count
            : throw new ToolstackException($"invalid <vcpu> '{text}': expected a number of CPUs");
    }

    private static KiB? Size(XElement? element)
    {
        if (element is null) return null;
        string unit = element.Attribute("unit")?.Value ?? "KiB";
        double bytes = unit switch
        {
            "b" or "bytes" => 1,
            "KB" => 1e3,
            "k" or "KiB" => 1L << 10,
            "MB" => 1e6,
            "M" or "MiB" => 1L << 20,
            "GB" => 1e9,
            "G" or "GiB" => 1L << 30,
            "TB" => 1e12,
            "T" or "TiB" => 1L << 40,
            _ => throw new ToolstackException(
                $"invalid unit '{unit}' of <{element.Name.LocalName}>: "
                + "expected b, KB, KiB, MB, MiB, GB, GiB, TB or TiB"),
        };
        string text = element.Value.Trim();
        bool isNumber = ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number);
        return isNumber && number * bytes / 1024 <= KiB.Largest.Value
            ? new KiB((long)Math.Ceiling(number * bytes / 1024))
            : throw new ToolstackException($"invalid <{element.Name.LocalName}> '{text}': expected a size");
    }
}
