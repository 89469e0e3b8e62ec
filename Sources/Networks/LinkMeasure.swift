/// A number that a network says of a pair of nodes, on the network without the pair's own edge.
///
/// N_u are the neighbours of u, d_u their number and m_u their mean degree, all without the own edge; weights don't
/// enter. Measures of profiles are 0 of a node without one.
public enum LinkMeasure: String, Sendable, CaseIterable {
  /// log(1 + d_u) + log(1 + d_v).
  case degree
  /// |N_u ∩ N_v|.
  case common
  /// Σ 1 / log d_z over common neighbours z (Adamic and Adar 2003).
  case adamicAdar = "adamic-adar"
  /// |N_u ∩ N_v| / |N_u ∪ N_v|, 0 where both are empty.
  case jaccard
  /// Σ 1 / √(d_x d_y) over paths u–x–y–v (Kovács et al. 2019).
  case l3
  /// FSWeight (Chua, Sung and Wong 2006): with closed neighbourhoods and m common members,
  /// 2m / (|N_u − N_v| + 2m + λ_uv) · 2m / (|N_v − N_u| + 2m + λ_vu), λ_uv = max(0, mean |N| − |N_u − N_v| − m).
  case fsweight
  /// 1 / the length of the shortest path, 0 where there is none.
  case paths

  /// Σ 1 / d_z over common neighbours z (Zhou, Lü and Zhang 2009).
  case resource
  /// `common` / √(d_u d_v).
  case cosine
  /// `l3` / √(d_u d_v).
  case l3Cosine = "l3-cosine"
  /// log(1 + `common`).
  case logCommon = "log-common"
  /// log(1 + `adamic-adar`).
  case logAdamicAdar = "log-adamic-adar"
  /// log(1 + 100 · `resource`).
  case logResource = "log-resource"
  /// log(1 + 100 · `l3`).
  case logL3 = "log-l3"
  /// |log(1 + d_u) − log(1 + d_v)|.
  case degreeGap = "degree-gap"
  /// The smaller of log(1 + d_u) and log(1 + d_v).
  case degreeLow = "degree-low"
  /// The greater of the two.
  case degreeHigh = "degree-high"
  /// log(1 + m_u) + log(1 + m_v).
  case reach
  /// |log(1 + m_u) − log(1 + m_v)|.
  case reachGap = "reach-gap"

  /// The pair's entry in the best matrix of rank 1 to the adjacency (`SpectralScores`).
  case spectral1 = "spectral-1"
  /// The same of rank 2.
  case spectral2 = "spectral-2"
  /// The same of rank 4.
  case spectral4 = "spectral-4"
  /// The same of rank 6.
  case spectral6 = "spectral-6"
  /// The same of rank 8.
  case spectral8 = "spectral-8"
  /// The same of rank 12.
  case spectral12 = "spectral-12"
  /// The same of rank 16.
  case spectral16 = "spectral-16"
  /// The same of rank 32.
  case spectral32 = "spectral-32"

  /// The correlation r_uv of the two profiles.
  case correlation
  /// |r_uv|.
  case correlationSize = "correlation-size"
  /// 1 where both have a profile, else 0.
  case bothKnown = "both-known"
  /// 1 where one has a profile, else 0.
  case anyKnown = "any-known"
  /// The mean of r_uk over the neighbours k of v with a profile, plus that of r_vk over those of u.
  case neighbourCorrelation = "neighbour-correlation"
  /// The same of |r|.
  case neighbourCorrelationSize = "neighbour-correlation-size"

  /// Those that are taken where none are chosen.
  public static let usual: [LinkMeasure] = [.degree, .common, .adamicAdar, .jaccard, .l3, .fsweight, .paths]

  /// The word for the measures of a good link predictor: local ones and spectral ones, and those of profiles where
  /// there are any.
  public static let presetWord = "links"

  /// The measures of that word.
  public static func preset(withProfiles: Bool) -> [LinkMeasure] {
    let local: [LinkMeasure] = [
      .logCommon, .logAdamicAdar, .logResource, .logL3, .jaccard, .cosine, .l3Cosine, .degree, .degreeGap, .degreeLow,
      .degreeHigh, .reach, .reachGap,
    ]
    return local + allCases.filter { $0.rank != nil } + (withProfiles ? allCases.filter(\.usesProfiles) : [])
  }

  /// The rank of a spectral measure; nil for others.
  var rank: Int? { rawValue.hasPrefix("spectral-") ? Int(rawValue.dropFirst(9)) : nil }

  /// Whether the measure is one of profiles.
  public var usesProfiles: Bool {
    switch self {
    case .correlation, .correlationSize, .bothKnown, .anyKnown, .neighbourCorrelation, .neighbourCorrelationSize: true
    default: false
    }
  }

  var usesPathsOfThree: Bool { self == .l3 || self == .l3Cosine || self == .logL3 }

  /// The measures of a text such as `degree+l3` or `links+paths`; throws `NetworkError` for an unknown one and for a
  /// repeated one.
  public static func list(_ text: String, withProfiles: Bool = false) throws -> [LinkMeasure] {
    var measures: [LinkMeasure] = []
    for name in text.split(separator: "+", omittingEmptySubsequences: false).map(String.init) {
      let found =
        name == presetWord ? preset(withProfiles: withProfiles) : LinkMeasure(rawValue: name).map { [$0] } ?? []
      guard !found.isEmpty, !found.contains(where: measures.contains) else {
        throw NetworkError(.measure(name, known: [presetWord] + allCases.map(\.rawValue)))
      }
      measures += found
    }
    return measures
  }
}
